// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.abi.ErrnoException;

/** On whose behalf a file operation runs. Implemented by the kernel's task; a test uses its own. */
public interface CallContext {

    Credentials credentials();

    /** Root, working directory and umask. */
    FsContext fs();

    /** The caller's memory, for ioctl arguments. */
    MemoryManager memory();

    /** CLOCK_REALTIME in nanoseconds since 1970, for time stamps. */
    long realtimeNanos();

    /** CLOCK_MONOTONIC in nanoseconds, for deadlines of {@link #sleep}. */
    long monotonicNanos();

    /** Soft limit of a RLIMIT_* resource, unsigned, -1 for none. */
    long limit(int resource);

    /** Sends SIGXFSZ, SIGPIPE, … to the calling task itself. */
    void raise(int signal);

    /** Process id (thread group) as the caller sees itself: lock owners, F_SETOWN, SO_PEERCRED. */
    int processId();

    /** Process id in the first PID namespace: no other has the same. */
    default int globalProcessId() {
        return processId();
    }

    /** How the caller sees a process of this {@link #globalProcessId}; 0 if it does not. */
    default int shownProcessId(int globalId) {
        return globalId;
    }

    /** The {@link #globalProcessId} of what the caller names so; 0 if there is none. */
    default int findProcess(int id) {
        return id;
    }

    /** Identity of the open file table, the owner of POSIX locks. */
    Object fileTableOwner();

    /**
     * The controlling terminal etc. of the caller's session, for /dev/tty and tty ioctls; kernel
     * type behind an opaque interface.
     */
    Session session();

    /**
     * What a terminal needs to know of sessions and process groups (Linux: struct pid, struct
     * signal).
     */
    interface Session {
        /** The caller's session; compared by identity. */
        Object session();

        /** The caller's process group; compared by identity. */
        Object processGroup();

        /** Whether the caller leads its session. */
        boolean isLeader();

        /** The controlling terminal of the caller's process, or null. */
        @org.jspecify.annotations.Nullable
        Object controllingTerminal();

        /** Sets (or with null clears) the controlling terminal of the caller's process. */
        void setControllingTerminal(@org.jspecify.annotations.Nullable Object terminal);

        /** Takes a terminal from every process of the session that is controlled by it. */
        void dropControllingTerminal(Object terminal);

        /**
         * Tells the session's leader that its terminal is gone, with SIGHUP and SIGCONT; when it
         * ends, the process group that was in the foreground is told, too.
         *
         * @param foreground null for none
         */
        void hangUpLeader(@org.jspecify.annotations.Nullable Object foreground);

        /** Sends a signal to every process of a group. */
        void signalProcessGroup(Object processGroup, int signal);

        /** Finds a group, of whatever session, by its number as the caller sees it. */
        @org.jspecify.annotations.Nullable
        Object findProcessGroup(int id);

        /** Whether a group is one of the caller's session. */
        boolean isOfSession(Object processGroup);

        /** A group's number as the caller sees it, 0 if it does not. */
        int processGroupId(Object processGroup);

        /** A session's number as the caller sees it, 0 if it does not. */
        int sessionId(Object session);

        /** Whether the caller's group is orphaned. */
        boolean isOrphaned();

        /** Whether the caller blocks or ignores a signal. */
        boolean isIgnoredOrBlocked(int signal);
    }

    /**
     * Waits until something wakes it (see the wait queue entries the caller added), a deadline
     * passes, or a signal is pending. For the few operations that block inside a file system
     * (locks, FIFO open).
     *
     * @param deadlineNanos CLOCK_MONOTONIC nanoseconds, Long.MAX_VALUE for none
     * @return false if the deadline passed
     * @throws ErrnoException ERESTARTSYS if a signal is pending
     */
    boolean sleep(long deadlineNanos) throws ErrnoException;

    /** An entry that wakes this task out of {@link #sleep} when its queue is notified. */
    dev.jvisor.fs.wait.WaitQueue.Entry newWaitEntry(int mask);
}
