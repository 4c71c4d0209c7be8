// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ipc;

/** How many and how large (Linux: the {@code *_ctl*} fields of {@code struct ipc_namespace}). */
public final class IpcLimits {

    /** Linux: ULONG_MAX - (1 &lt;&lt; 24), as bytes and as pages. */
    private static final long SHARED_MEMORY_MAX = -1L - (1 << 24);

    /** Most objects of one kind: the bits of an id that are a place. */
    static final int PLACES = 1 << 15;

    // System V shared memory.
    public volatile long shmmax = SHARED_MEMORY_MAX;
    public volatile long shmall = SHARED_MEMORY_MAX;
    public volatile int shmmni = 4096;

    // System V semaphores.
    public volatile int semmsl = 32000;
    public volatile int semmns = 1024000000;
    public volatile int semopm = 500;
    public volatile int semmni = 32000;

    // System V message queues; bytes.
    public volatile int msgmax = 8192;
    public volatile int msgmnb = 16384;
    public volatile int msgmni = 32000;
}
