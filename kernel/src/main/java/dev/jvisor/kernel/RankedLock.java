// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel;

import dev.jvisor.platform.SentryBug;

import java.util.concurrent.locks.ReentrantLock;

/**
 * A reentrant lock with a place in the lock order. With assertions enabled, taking one while a lock
 * of the same or a higher rank is held (other than itself) is a bug that is reported at once.
 */
public final class RankedLock extends ReentrantLock {

    private static final long serialVersionUID = 1L;

    private final LockRank rank;

    public RankedLock(LockRank rank) {
        this.rank = rank;
    }

    public LockRank rank() {
        return rank;
    }

    @Override
    public void lock() {
        assert Order.taking(this);
        super.lock();
    }

    @Override
    public boolean tryLock() {
        boolean taken = super.tryLock();
        assert !taken || Order.took(this);
        return taken;
    }

    @Override
    public void unlock() {
        assert Order.releasing(this);
        super.unlock();
    }

    /** The locks each thread holds; touched only under {@code -ea}. */
    private static final class Order {

        private static final int DEPTH_MAX = 32;

        private static final ThreadLocal<Held> HELD = new ThreadLocal<>();

        private static final class Held {
            final RankedLock[] locks = new RankedLock[DEPTH_MAX];
            int count;
        }

        private static Held held() {
            Held h = HELD.get();
            if (h == null) {
                h = new Held();
                HELD.set(h);
            }
            return h;
        }

        static boolean taking(RankedLock lock) {
            Held h = held();
            if (!lock.isHeldByCurrentThread()) {
                for (int i = 0; i < h.count; i++) {
                    if (h.locks[i].rank.ordinal() >= lock.rank.ordinal()) {
                        throw new SentryBug("lock order: takes=" + lock.rank + " while holding="
                                + h.locks[i].rank);
                    }
                }
            }
            return push(h, lock);
        }

        static boolean took(RankedLock lock) {
            return push(held(), lock);
        }

        private static boolean push(Held h, RankedLock lock) {
            if (h.count == DEPTH_MAX) {
                throw new SentryBug("lock depth=" + DEPTH_MAX);
            }
            h.locks[h.count++] = lock;
            return true;
        }

        static boolean releasing(RankedLock lock) {
            Held h = held();
            for (int i = h.count - 1; i >= 0; i--) {
                if (h.locks[i] == lock) {
                    System.arraycopy(h.locks, i + 1, h.locks, i, h.count - i - 1);
                    h.count--;
                    return true;
                }
            }
            throw new SentryBug("unlock of rank=" + lock.rank + " that is not held");
        }
    }
}
