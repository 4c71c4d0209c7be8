// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.dev;

import dev.jvisor.fs.tmpfs.Tmpfs;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.DeviceNumber;
import dev.jvisor.fs.vfs.Filesystem;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsRegistry;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;

/** The devices every sandbox has, and the /dev that shows them. */
public final class Devices {

    // Linux: Documentation/admin-guide/devices.txt
    private static final int MEM_MAJOR = 1;
    private static final int MEM_MINORS = 16;
    static final int NULL_MINOR = 3;
    static final int ZERO_MINOR = 5;
    static final int FULL_MINOR = 7;
    static final int RANDOM_MINOR = 8;
    static final int URANDOM_MINOR = 9;
    private static final int TTYAUX_MAJOR = 5;
    private static final int TTY_MINOR = 0;

    private static final int NODE_MODE = StatMode.S_IFCHR | 0666;

    private Devices() {}

    /** Registers the drivers. {@code pages} is where private copies of /dev/zero come from. */
    public static void register(VfsRegistry registry, PageAllocator pages) {
        registry.registerCharDevice(MEM_MAJOR, 0, MEM_MINORS, new MemoryDevice(pages));
        registry.registerCharDevice(TTYAUX_MAJOR, TTY_MINOR, 1, new ControllingTerminalDevice());
    }

    /** Makes a /dev: nodes, links to /proc/self/fd, and the directories pts and shm to mount on. */
    public static Filesystem createDevtmpfs(PageAllocator pages, CallContext context)
            throws ErrnoException {
        Tmpfs made = Tmpfs.create(pages, context);
        populate(context, made.root());
        return made;
    }

    /**
     * Puts into an empty directory what a container's /dev has (OCI runtime-spec, "Default
     * Devices").
     */
    public static void populate(CallContext context, Inode directory) throws ErrnoException {
        node(context, directory, "null", MEM_MAJOR, NULL_MINOR);
        node(context, directory, "zero", MEM_MAJOR, ZERO_MINOR);
        node(context, directory, "full", MEM_MAJOR, FULL_MINOR);
        node(context, directory, "random", MEM_MAJOR, RANDOM_MINOR);
        node(context, directory, "urandom", MEM_MAJOR, URANDOM_MINOR);
        node(context, directory, "tty", TTYAUX_MAJOR, TTY_MINOR);
        directory.mkdir(context, "pts", 0755);
        directory.mkdir(context, "shm", 0755);
        directory.symlink(context, "ptmx", "pts/ptmx");
        directory.symlink(context, "fd", "/proc/self/fd");
        directory.symlink(context, "stdin", "/proc/self/fd/0");
        directory.symlink(context, "stdout", "/proc/self/fd/1");
        directory.symlink(context, "stderr", "/proc/self/fd/2");
    }

    private static void node(
            CallContext context, Inode directory, String name, int major, int minor)
            throws ErrnoException {
        directory.mknod(context, name, NODE_MODE, DeviceNumber.make(major, minor));
    }
}
