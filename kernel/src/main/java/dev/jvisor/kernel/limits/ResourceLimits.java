// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.limits;

import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.abi.Resource;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The limits of one process. Values are unsigned; {@link #INFINITY} is the largest.
 *
 * <p>Each value is read and written atomically; the pair of one resource is changed under the
 * object's monitor.
 */
public final class ResourceLimits implements MemoryManager.Limits {

    /** RLIM_INFINITY. */
    public static final long INFINITY = -1;

    /** Linux: {@code INR_OPEN_CUR}, {@code INR_OPEN_MAX} as systemd hosts raise the latter. */
    public static final long NOFILE_SOFT = 1024;

    public static final long NOFILE_HARD = 1 << 20;

    /** Linux: {@code _STK_LIM}. */
    public static final long STACK_SOFT_BYTES = 8L << 20;

    /** Linux: {@code MLOCK_LIMIT} since 5.16. */
    public static final long MEMLOCK_BYTES = 8L << 20;

    /** Linux: {@code MQ_BYTES_MAX}. */
    public static final long MSGQUEUE_BYTES = 819200;

    /** Half of what the PID table holds, as Linux derives it from its memory. */
    public static final long NPROC = 16384;

    private final AtomicLongArray soft = new AtomicLongArray(Resource.RLIM_NLIMITS);
    private final AtomicLongArray hard = new AtomicLongArray(Resource.RLIM_NLIMITS);

    /** The limits that Linux gives its first process. */
    public ResourceLimits() {
        for (int i = 0; i < Resource.RLIM_NLIMITS; i++) {
            init(i, INFINITY, INFINITY);
        }
        init(Resource.RLIMIT_STACK, STACK_SOFT_BYTES, INFINITY);
        init(Resource.RLIMIT_CORE, 0, INFINITY);
        init(Resource.RLIMIT_NPROC, NPROC, NPROC);
        init(Resource.RLIMIT_NOFILE, NOFILE_SOFT, NOFILE_HARD);
        init(Resource.RLIMIT_MEMLOCK, MEMLOCK_BYTES, MEMLOCK_BYTES);
        init(Resource.RLIMIT_SIGPENDING, NPROC, NPROC);
        init(Resource.RLIMIT_MSGQUEUE, MSGQUEUE_BYTES, MSGQUEUE_BYTES);
        init(Resource.RLIMIT_NICE, 0, 0);
        init(Resource.RLIMIT_RTPRIO, 0, 0);
    }

    private void init(int resource, long softValue, long hardValue) {
        soft.set(resource, softValue);
        hard.set(resource, hardValue);
    }

    /** The copy that fork(2) gives the child. */
    public synchronized ResourceLimits copy() {
        ResourceLimits copy = new ResourceLimits();
        for (int i = 0; i < Resource.RLIM_NLIMITS; i++) {
            copy.init(i, soft.get(i), hard.get(i));
        }
        return copy;
    }

    /** Soft limit. */
    public long soft(int resource) {
        return soft.get(resource);
    }

    /** Hard limit. */
    public long hard(int resource) {
        return hard.get(resource);
    }

    @Override
    public long limit(int resource) {
        return soft.get(resource);
    }

    /** Sets both; the caller has checked soft <= hard and the right to raise the hard one. */
    public synchronized void set(int resource, long softValue, long hardValue) {
        init(resource, softValue, hardValue);
    }
}
