// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

/** Names of places (Linux: {@code d_path}). */
final class PathNames {

    private static final int MAX_TRIES = 100;

    private PathNames() {}

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
        String path = "";
        for (; ; ) {
            if (mount == root.mount() && dentry == root.dentry()) {
                return path.isEmpty() ? "/" : path;
            }
            Dentry parent = dentry.parent();
            if (dentry == mount.root() || parent == null) {
                VfsPath at = mount.mountPoint();
                if (at == null) {
                    return "(unreachable)" + (path.isEmpty() ? "/" : path);
                }
                mount = at.mount();
                dentry = at.dentry();
                continue;
            }
            path = "/" + dentry.name() + path;
            dentry = parent;
        }
    }
}
