// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.cred;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A view of some resource of the kernel that a group of processes shares (Linux: {@code struct
 * ns_common}). It lives as long as a task, an open file or a mount refers to it.
 */
public abstract class Namespace {

    /** Numbers of the namespaces that a kernel starts with (Linux: {@code PROC_*_INIT_INO}). */
    public static final long INITIAL_TIME = 4026531834L;

    public static final long INITIAL_CGROUP = 4026531835L;
    public static final long INITIAL_PID = 4026531836L;
    public static final long INITIAL_USER = 4026531837L;
    public static final long INITIAL_UTS = 4026531838L;
    public static final long INITIAL_IPC = 4026531839L;
    public static final long INITIAL_NET = 4026531840L;
    public static final long INITIAL_MNT = 4026531841L;

    /** Levels below the initial one (Linux: {@code MAX_PID_NS_LEVEL}); one more for users. */
    public static final int LEVEL_MAX = 32;

    private static final AtomicLong NEXT_NUMBER = new AtomicLong(4026532200L);

    private final long number;

    /** Makes one with a number of its own. */
    protected Namespace() {
        this(NEXT_NUMBER.getAndIncrement());
    }

    /** Makes an initial one. */
    protected Namespace(long number) {
        this.number = number;
    }

    /** The inode number of its file, which tells namespaces apart. */
    public final long number() {
        return number;
    }

    /**
     * Somebody refers to it: a task, an open file, a mount. Counted only by namespaces that hold
     * what the collector does not find.
     */
    public void hold() {}

    /** Ends {@link #hold}; the last one lets its contents go. */
    public void letGo() {}

    /** The user namespace whose CAP_SYS_ADMIN rules it. */
    public abstract UserNamespace owner();

    /** Its kind as {@code /proc/PID/ns} names it. */
    public abstract String kind();

    /** Its {@code CLONE_NEW*} bit. */
    public abstract int cloneFlag();
}
