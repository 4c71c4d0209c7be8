// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import java.util.ArrayList;

/** Names of places (Linux: {@code d_path}). */
final class PathNames {

    private static final int MAX_TRIES = 100;
    private static final String UNREACHABLE = "(unreachable)";

    private PathNames() {}

    /** As {@link #pathOf}; what is outside of the root is named from the top of its own mounts. */
    static String linkPath(VfsPath root, VfsPath place) {
        String path = pathOf(root, place);
        return path.startsWith(UNREACHABLE) ? path.substring(UNREACHABLE.length()) : path;
    }

    static String pathOf(VfsPath root, VfsPath place) {
        Dentry leaf = place.dentry();
        if (place.mount().isInternal()) {
            return leaf.name();
        }
        String path = "";
        for (int tries = 0; tries < MAX_TRIES; tries++) {
            int before = RenameOperation.sequence;
            path = build(root, place);
            if ((before & 1) == 0 && before == RenameOperation.sequence) {
                break;
            }
        }
        return leaf.isDeleted() ? path + " (deleted)" : path;
    }

    private static String build(VfsPath root, VfsPath place) {
        Mount mount = place.mount();
        Dentry dentry = place.dentry();
        ArrayList<String> names = new ArrayList<>();
        String start = "";
        for (; ; ) {
            if (mount == root.mount() && dentry == root.dentry()) {
                break;
            }
            Dentry parent = dentry.parent();
            if (dentry == mount.root() || parent == null) {
                VfsPath at = mount.mountPoint();
                if (at == null) {
                    start = UNREACHABLE;
                    break;
                }
                mount = at.mount();
                dentry = at.dentry();
                continue;
            }
            names.add(dentry.name());
            dentry = parent;
        }
        if (names.isEmpty()) {
            return start + "/";
        }
        StringBuilder path = new StringBuilder(start);
        for (int i = names.size() - 1; i >= 0; i--) {
            path.append('/').append(names.get(i));
        }
        return path.toString();
    }
}
