// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.fs.vfs.Dentry;
import dev.jvisor.fs.vfs.DeviceNumber;
import dev.jvisor.fs.vfs.Mount;
import dev.jvisor.fs.vfs.MountNamespace;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.MountFlags;

/**
 * mounts, mountinfo and mountstats as a process with a certain root sees them (Linux:
 * proc_namespace.c).
 */
record MountText(MountNamespace namespace, VfsPath root) {

    private static final String PATH_ESCAPES = " \t\n\\";
    private static final String SOURCE_ESCAPES = " \t\n\\#";

    void write(String name, TextBuffer out) {
        for (Mount mount : namespace.mounts()) {
            String place = Vfs.pathFrom(root, mount.rootPath());
            if (!place.startsWith("/")) {
                continue; // outside of the process's root
            }
            switch (name) {
                case "mounts" -> mountsLine(mount, place, out);
                case "mountinfo" -> infoLine(mount, place, out);
                default -> {
                    out.add("device ").addEscaped(mount.source(), SOURCE_ESCAPES);
                    out.add(" mounted on ").addEscaped(place, PATH_ESCAPES);
                    out.add(" with fstype ").add(mount.filesystem().type()).add('\n');
                }
            }
        }
    }

    private static void mountsLine(Mount mount, String place, TextBuffer out) {
        source(mount, out);
        out.add(' ').addEscaped(place, PATH_ESCAPES).add(' ');
        out.add(mount.filesystem().type()).add(' ');
        out.add(mount.isReadOnly() ? "ro" : "rw");
        superFlags(mount, out);
        mountFlags(mount, out);
        out.add(mount.filesystem().options()).add(" 0 0\n");
    }

    private static void infoLine(Mount mount, String place, TextBuffer out) {
        VfsPath at = mount.mountPoint();
        long device = mount.filesystem().deviceId();
        out.add(mount.id()).add(' ').add(at == null ? 1 : at.mount().id()).add(' ');
        out.add(DeviceNumber.major(device))
                .add(':')
                .add(DeviceNumber.minor(device))
                .add(' ');
        out.addEscaped(rootWithin(mount.root()), PATH_ESCAPES).add(' ');
        out.addEscaped(place, PATH_ESCAPES).add(' ');
        out.add((mount.flags() & MountFlags.MS_RDONLY) != 0 ? "ro" : "rw");
        mountFlags(mount, out);
        propagation(mount, out);
        out.add(" - ").add(mount.filesystem().type()).add(' ');
        source(mount, out);
        out.add(mount.filesystem().isReadOnlyMounted() ? " ro" : " rw");
        superFlags(mount, out);
        out.add(mount.filesystem().options()).add('\n');
    }

    /** The optional fields. */
    private static void propagation(Mount mount, TextBuffer out) {
        if (mount.groupId() != 0) {
            out.add(" shared:").add(mount.groupId());
        }
        if (mount.masterId() != 0) {
            out.add(" master:").add(mount.masterId());
        }
        if (mount.isUnbindable()) {
            out.add(" unbindable");
        }
    }

    private static void source(Mount mount, TextBuffer out) {
        String source = mount.source();
        out.addEscaped(source.isEmpty() ? "none" : source, SOURCE_ESCAPES);
    }

    private static void superFlags(Mount mount, TextBuffer out) {
        if ((mount.flags() & MountFlags.MS_SYNCHRONOUS) != 0) {
            out.add(",sync");
        }
    }

    private static void mountFlags(Mount mount, TextBuffer out) {
        int flags = mount.flags();
        flag(out, flags, MountFlags.MS_NOSUID, ",nosuid");
        flag(out, flags, MountFlags.MS_NODEV, ",nodev");
        flag(out, flags, MountFlags.MS_NOEXEC, ",noexec");
        flag(out, flags, MountFlags.MS_NOATIME, ",noatime");
        flag(out, flags, MountFlags.MS_NODIRATIME, ",nodiratime");
        if ((flags & (MountFlags.MS_NOATIME | MountFlags.MS_STRICTATIME)) == 0) {
            out.add(",relatime");
        }
        flag(out, flags, MountFlags.MS_NOSYMFOLLOW, ",nosymfollow");
    }

    private static void flag(TextBuffer out, int flags, int flag, String text) {
        if ((flags & flag) != 0) {
            out.add(text);
        }
    }

    /** Path of a mount's root in its file system; other than "/" for bind mounts. */
    private static String rootWithin(Dentry root) {
        String path = "";
        for (Dentry d = root; ; ) {
            Dentry parent = d.parent();
            if (parent == null) {
                break;
            }
            path = "/" + d.name() + path;
            d = parent;
        }
        return (path.isEmpty() ? "/" : path) + (root.isDeleted() ? "//deleted" : "");
    }
}
