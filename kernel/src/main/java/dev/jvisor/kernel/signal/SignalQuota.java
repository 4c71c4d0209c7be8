// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts queued signals for each user against RLIMIT_SIGPENDING (Linux: UCOUNT_RLIMIT_SIGPENDING).
 */
public final class SignalQuota {

    private final ConcurrentHashMap<Integer, User> users = new ConcurrentHashMap<>();

    /** One user's count. */
    static final class User {
        private final AtomicInteger count = new AtomicInteger();

        /** Takes one if the count stays within a limit (unsigned); false if not. */
        boolean tryAcquire(long limit, boolean overrideLimit) {
            int n = count.incrementAndGet();
            if (!overrideLimit && Long.compareUnsigned(n, limit) > 0) {
                count.decrementAndGet();
                return false;
            }
            return true;
        }

        void release() {
            count.decrementAndGet();
        }

        int count() {
            return count.get();
        }
    }

    User user(int uid) {
        User user = users.get(uid);
        if (user == null) {
            User fresh = new User();
            User old = users.putIfAbsent(uid, fresh);
            user = old == null ? fresh : old;
        }
        return user;
    }

    /** How many signals of a user are queued (SigQ in /proc/PID/status). */
    public int count(int uid) {
        return user(uid).count();
    }
}
