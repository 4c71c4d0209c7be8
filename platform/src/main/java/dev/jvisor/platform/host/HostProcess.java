// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import dev.jvisor.platform.abi.ErrnoException;

/** Host processes and threads: identity, signals, waiting, CPU affinity, starting a program. */
public final class HostProcess {

    /** Words of a CPU mask that we look at: 1024 CPUs, as in {@code cpu_set_t}. */
    public static final int CPU_MASK_WORDS = 16;

    private static final int AT_FDCWD = -100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int SPAWN_STACK_SIZE = 4096;
    private static final int WALL = 0x40000000;

    private HostProcess() {}

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
        return spawn(AT_FDCWD, path, 0, arguments, environment, descriptors);
    }

    /**
     * As {@link #spawn}, for a program that is open: neither a path to it nor /proc is needed.
     *
     * @param fd the program; a script has to be without close-on-exec
     */
    public static int spawnOpen(int fd, byte[][] arguments, byte[][] environment, int[] descriptors)
            throws ErrnoException {
        return spawn(fd, new byte[0], AT_EMPTY_PATH, arguments, environment, descriptors);
    }

    private static int spawn(
            int directory,
            byte[] path,
            int flags,
            byte[][] arguments,
            byte[][] environment,
            int[] descriptors)
            throws ErrnoException {
        int vectors = (arguments.length + environment.length + 2) * Long.BYTES;
        int pairs = SpawnCode.SIZE + SPAWN_STACK_SIZE;
        int argv = pairs + descriptors.length * Integer.BYTES;
        int strings = argv + vectors;
        int size = strings + path.length + 1 + bytesOf(arguments) + bytesOf(environment);
        NativeBuffer block = NativeBuffer.allocate(size);
        try {
            int envp = argv + (arguments.length + 1) * Long.BYTES;
            long address = block.address();
            int next = putVector(block, argv, strings, arguments);
            next = putVector(block, envp, next, environment);
            for (int i = 0; i < descriptors.length; i++) {
                block.putInt(pairs + i * Integer.BYTES, descriptors[i]);
            }
            block.putLong(SpawnCode.DIRECTORY_OFFSET, directory);
            block.putLong(SpawnCode.PATH_OFFSET, block.putCString(next, path));
            block.putLong(SpawnCode.ARGV_OFFSET, address + argv);
            block.putLong(SpawnCode.ENVP_OFFSET, address + envp);
            block.putLong(SpawnCode.FLAGS_OFFSET, flags);
            block.putLong(SpawnCode.PAIRS_OFFSET, address + pairs);
            block.putLong(SpawnCode.PAIRS_COUNT_OFFSET, descriptors.length / 2);
            block.putLong(SpawnCode.STACK_OFFSET, (address + pairs) & -16L);
            block.putLong(SpawnCode.FULL_MASK_OFFSET, -1);
            int pid = (int) Host.check(Native.spawn(address));
            long error = block.getLong(SpawnCode.ERROR_OFFSET);
            if (error != 0) {
                wait4(pid, address, WALL);
                throw Host.exception(error);
            }
            return pid;
        } finally {
            block.free();
        }
    }

    private static int bytesOf(byte[][] strings) {
        int bytes = 0;
        for (byte[] string : strings) {
            bytes += string.length + 1;
        }
        return bytes;
    }

    private static int putVector(NativeBuffer block, int vector, int strings, byte[][] values) {
        int next = strings;
        for (int i = 0; i < values.length; i++) {
            block.putLong(vector + i * Long.BYTES, block.putCString(next, values[i]));
            next += values[i].length + 1;
        }
        return next;
    }
}
