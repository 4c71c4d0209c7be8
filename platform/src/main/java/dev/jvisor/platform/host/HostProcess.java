// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** Host processes and threads: identity, signals, waiting, CPU affinity, starting a program. */
public final class HostProcess {

    /** Words of a CPU mask that we look at: 1024 CPUs, as in {@code cpu_set_t}. */
    public static final int CPU_MASK_WORDS = 16;

    private static final int SPAWN_SETSIGDEF = 0x04;
    private static final int SPAWN_SETSIGMASK = 0x08;
    private static final int SPAWN_SETSID = 0x80;
    private static final int SIGSET_SIZE = 128;
    private static final int ACTIONS_SIZE = 128;
    private static final int ATTRIBUTES_SIZE = 512;

    private HostProcess() {}

    /** The C library's process starter; apart, so that it is looked up when first needed. */
    private static final class Spawner {
        static final long SPAWN = Native.symbol("posix_spawn");
        static final long ACTIONS_INIT = Native.symbol("posix_spawn_file_actions_init");
        static final long ACTIONS_DUP2 = Native.symbol("posix_spawn_file_actions_adddup2");
        static final long ACTIONS_DESTROY = Native.symbol("posix_spawn_file_actions_destroy");
        static final long ATTRIBUTES_INIT = Native.symbol("posix_spawnattr_init");
        static final long ATTRIBUTES_FLAGS = Native.symbol("posix_spawnattr_setflags");
        static final long ATTRIBUTES_MASK = Native.symbol("posix_spawnattr_setsigmask");
        static final long ATTRIBUTES_DEFAULT = Native.symbol("posix_spawnattr_setsigdefault");
        static final long ATTRIBUTES_DESTROY = Native.symbol("posix_spawnattr_destroy");
    }

    /** Returns the calling thread's id. */
    public static int gettid() {
        return (int) Host.syscall(Sys.GETTID, 0, 0, 0);
    }

    /** Returns this process's id. */
    public static int getpid() {
        return (int) Host.syscall(Sys.GETPID, 0, 0, 0);
    }

    /** tgkill(2). Returns 0 or a negated error number. */
    public static long tgkill(int tgid, int tid, int signal) {
        return Host.syscall(Sys.TGKILL, tgid, tid, signal);
    }

    /** kill(2). Returns 0 or a negated error number. */
    public static long kill(int pid, int signal) {
        return Host.syscall(Sys.KILL, pid, signal, 0);
    }

    /**
     * wait4(2) for one child or tracee, never for any of them; EINTR is retried.
     *
     * @param tid its id, positive
     * @param statusAddress where the status (an int) goes
     * @return {@code tid}, 0 with WNOHANG, or a negated error number
     */
    public static long wait4(int tid, long statusAddress, int options) {
        if (tid <= 0) {
            throw new IllegalArgumentException("tid=" + tid);
        }
        long result;
        do {
            result = Host.syscall(Sys.WAIT4, tid, statusAddress, options);
        } while (result == -4);
        return result;
    }

    /** Returns the CPUs a thread may run on (0: the calling one), a bit each; at most 1024. */
    public static long[] affinity(int tid) throws ErrnoException {
        NativeBuffer buffer = NativeBuffer.scratch();
        int bytes = (int) Host.check(Host.syscall(
                Sys.SCHED_GETAFFINITY, tid, CPU_MASK_WORDS * Long.BYTES, buffer.address()));
        long[] mask = new long[CPU_MASK_WORDS];
        for (int i = 0; i < bytes / Long.BYTES; i++) {
            mask[i] = buffer.getLong(i * Long.BYTES);
        }
        return mask;
    }

    /**
     * Restricts a thread (0: the calling one) to the CPUs of a mask. Returns 0 or a negated error
     * number.
     */
    public static long setAffinity(int tid, long[] mask) {
        NativeBuffer buffer = NativeBuffer.scratch();
        int words = mask.length;
        while (words > 1 && mask[words - 1] == 0) {
            words--; // what is not said is zero
        }
        for (int i = 0; i < words; i++) {
            buffer.putLong(i * Long.BYTES, mask[i]);
        }
        return Host.syscall(
                Sys.SCHED_SETAFFINITY, tid, (long) words * Long.BYTES, buffer.address());
    }

    /**
     * Starts a program in a session of its own, with default signal dispositions and no signal
     * blocked. Its descriptors are those of this process that are not close-on-exec, plus
     * {@code descriptors}.
     *
     * @param path the program, bytes of the host
     * @param arguments argv
     * @param environment environ
     * @param descriptors pairs (descriptor here, descriptor there); no target may be the source of
     *     a later pair
     * @return its process id; the caller has to reap it
     * @throws ErrnoException what fork or exec answered
     */
    public static int spawn(
            byte[] path, byte[][] arguments, byte[][] environment, int[] descriptors)
            throws ErrnoException {
        int strings = path.length + 1;
        for (byte[] argument : arguments) {
            strings += argument.length + 1;
        }
        for (byte[] variable : environment) {
            strings += variable.length + 1;
        }
        int vectors = (arguments.length + environment.length + 2) * Long.BYTES;
        int fixed = ACTIONS_SIZE + ATTRIBUTES_SIZE + SIGSET_SIZE + Long.BYTES;
        NativeBuffer block = NativeBuffer.allocate(fixed + vectors + strings);
        try {
            return spawn(block, path, arguments, environment, descriptors);
        } finally {
            block.free();
        }
    }

    private static int spawn(
            NativeBuffer block,
            byte[] path,
            byte[][] arguments,
            byte[][] environment,
            int[] descriptors)
            throws ErrnoException {
        long actions = block.address();
        long attributes = actions + ACTIONS_SIZE;
        int setOffset = ACTIONS_SIZE + ATTRIBUTES_SIZE;
        int pidOffset = setOffset + SIGSET_SIZE;
        int argvOffset = pidOffset + Long.BYTES;
        int envpOffset = argvOffset + (arguments.length + 1) * Long.BYTES;
        int next = envpOffset + (environment.length + 1) * Long.BYTES;

        next = putVector(block, argvOffset, next, arguments);
        next = putVector(block, envpOffset, next, environment);
        long pathAddress = block.putCString(next, path);

        long set = block.address() + setOffset;
        require(Spawner.ATTRIBUTES_INIT, attributes, 0, 0);
        require(Spawner.ATTRIBUTES_MASK, attributes, set, 0);
        for (int i = 0; i < SIGSET_SIZE; i++) {
            block.putByte(setOffset + i, (byte) 0xff);
        }
        require(Spawner.ATTRIBUTES_DEFAULT, attributes, set, 0);
        int flags = SPAWN_SETSIGDEF | SPAWN_SETSIGMASK | SPAWN_SETSID;
        require(Spawner.ATTRIBUTES_FLAGS, attributes, flags, 0);
        require(Spawner.ACTIONS_INIT, actions, 0, 0);
        try {
            for (int i = 0; i + 1 < descriptors.length; i += 2) {
                require(Spawner.ACTIONS_DUP2, actions, descriptors[i], descriptors[i + 1]);
            }
            long address = block.address();
            int error = (int) Native.call(
                    Spawner.SPAWN,
                    address + pidOffset,
                    pathAddress,
                    actions,
                    attributes,
                    address + argvOffset,
                    address + envpOffset);
            if (error != 0) {
                throw Errno.of(error).exception();
            }
            return block.getInt(pidOffset);
        } finally {
            Native.call(Spawner.ACTIONS_DESTROY, actions, 0, 0, 0, 0, 0);
            Native.call(Spawner.ATTRIBUTES_DESTROY, attributes, 0, 0, 0, 0, 0);
        }
    }

    private static int putVector(NativeBuffer block, int vector, int strings, byte[][] values) {
        int next = strings;
        for (int i = 0; i < values.length; i++) {
            block.putLong(vector + i * Long.BYTES, block.putCString(next, values[i]));
            next += values[i].length + 1;
        }
        return next;
    }

    private static void require(long function, long a, long b, long c) throws ErrnoException {
        int error = (int) Native.call(function, a, b, c, 0, 0, 0);
        if (error != 0) {
            throw Errno.of(error).exception();
        }
    }
}
