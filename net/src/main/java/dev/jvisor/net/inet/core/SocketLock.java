// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.core;

import dev.jvisor.net.inet.ip.Packet;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The lock of a socket and the packets that came while somebody held it (Linux: {@code lock_sock},
 * {@code sk_backlog}).
 *
 * <p>Who brings a packet never waits: if the lock is free the packet is processed at once, else
 * whoever holds it processes it before letting go. So two sockets can send to each other while both
 * are locked, each by its sender, and packets of one sender stay in order.
 */
public abstract class SocketLock {

    private final ReentrantLock lock = new ReentrantLock();

    /** Guards {@link #backlog} and {@link #backlogBytes}. A leaf. */
    private final Object backlogLock = new Object();

    private @Nullable ArrayDeque<Packet> backlog;
    private long backlogBytes;

    /** Whether there may be a backlog or a timer to look at. */
    private volatile boolean hasWork;

    /** Whether a timer came while it was locked. */
    private boolean timerCame; // guarded by backlogLock

    /** Takes the lock. */
    public final void lock() {
        lock.lock();
    }

    /** Whether this thread has the lock. */
    public final boolean isLocked() {
        return lock.isHeldByCurrentThread();
    }

    /** Processes what came meanwhile and lets go. */
    public final void unlock() {
        if (lock.getHoldCount() > 1) {
            lock.unlock();
            return;
        }
        for (; ; ) {
            if (hasWork) {
                work();
            }
            int events = takeEvents();
            lock.unlock();
            if (events != 0) {
                announce(events);
            }
            if (!hasWork || !lock.tryLock()) {
                return; // without work, or somebody else has the lock and so the work
            }
        }
    }

    /** Brings a packet. */
    public final void deliver(Packet packet) {
        if (!lock.isHeldByCurrentThread() && !hasWork && lock.tryLock()) {
            try {
                process(packet);
            } finally {
                unlock();
            }
            return;
        }
        synchronized (backlogLock) {
            long cost = packet.length() + PACKET_OVERHEAD_BYTES;
            if (backlogBytes + cost > backlogBytesMax()) {
                dropped(packet);
                return;
            }
            ArrayDeque<Packet> queue = backlog;
            if (queue == null) {
                backlog = queue = new ArrayDeque<>();
            }
            queue.add(packet);
            backlogBytes += cost;
            hasWork = true;
        }
        if (!lock.isHeldByCurrentThread() && lock.tryLock()) {
            unlock();
        }
    }

    /** A timer of the socket came. */
    protected final void deliverTimer() {
        synchronized (backlogLock) {
            timerCame = true;
            hasWork = true;
        }
        if (!lock.isHeldByCurrentThread() && lock.tryLock()) {
            unlock();
        }
    }

    /** What a packet in a queue costs beside its bytes. */
    protected static final int PACKET_OVERHEAD_BYTES = 256;

    private void work() {
        for (; ; ) {
            Packet packet = null;
            boolean checks = false;
            synchronized (backlogLock) {
                ArrayDeque<Packet> queue = backlog;
                if (queue != null) {
                    packet = queue.poll();
                }
                if (packet == null) {
                    checks = timerCame;
                    timerCame = false;
                    hasWork = false;
                } else {
                    backlogBytes -= packet.length() + PACKET_OVERHEAD_BYTES;
                }
            }
            if (packet != null) {
                process(packet);
            } else if (checks) {
                checkTimers();
            } else {
                return;
            }
        }
    }

    /** Acts on a packet, with the lock. */
    protected abstract void process(Packet packet);

    /** Looks at the socket's timers, with the lock. */
    protected void checkTimers() {}

    /** The last thing done with the lock: which events to announce, 0 for none. */
    protected abstract int takeEvents();

    /** Tells waiters, without the lock. */
    protected abstract void announce(int events);

    /** Bytes that may wait for the lock. */
    protected abstract long backlogBytesMax();

    /** A packet was dropped because too many wait. */
    protected void dropped(Packet packet) {}
}
