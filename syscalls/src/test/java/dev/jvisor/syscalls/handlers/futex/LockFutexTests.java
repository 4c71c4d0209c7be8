// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.futex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.Futex;
import dev.jvisor.syscalls.testing.Calls;

import org.junit.jupiter.api.Test;

/** Futexes that are locks, futex_waitv(2). Expected results are Linux 6.18's. */
final class LockFutexTests {

    private static final int FUTEX = 202;
    private static final int WORD_MASK = -1;

    private static int word(Calls c, long address) {
        return (int) c.get(address) & WORD_MASK;
    }

    @Test
    void lockBelongsToItsTaker() {
        Calls.run(c -> {
            long lock = c.scratch();
            int tid = c.cpu().gettid();
            c.fails(Errno.EPERM, "futex", lock, Futex.FUTEX_UNLOCK_PI, 0, 0, 0, 0);
            c.gives(0, "futex", lock, Futex.FUTEX_LOCK_PI, 0, 0, 0, 0);
            assertThat(word(c, lock)).isEqualTo(tid);
            c.fails(Errno.EDEADLK, "futex", lock, Futex.FUTEX_LOCK_PI, 0, 0, 0, 0);
            c.fails(Errno.EDEADLK, "futex", lock, Futex.FUTEX_TRYLOCK_PI, 0, 0, 0, 0);
            c.gives(0, "futex", lock, Futex.FUTEX_UNLOCK_PI, 0, 0, 0, 0);
            assertThat(word(c, lock)).isZero();
            c.put(lock, 0x3ffffff);
            c.fails(Errno.ESRCH, "futex", lock, Futex.FUTEX_LOCK_PI, 0, 0, 0, 0);
            c.fails(Errno.EINVAL, "futex", lock + 1, Futex.FUTEX_LOCK_PI, 0, 0, 0, 0);
            c.fails(Errno.EFAULT, "futex", 8, Futex.FUTEX_LOCK_PI, 0, 0, 0, 0);
        });
    }

    @Test
    void lockOfADeadThreadGoesToWhoWaits() {
        Calls.run(c -> {
            long lock = c.scratch();
            int main = c.cpu().gettid();
            c.cpu().thread(owner -> {
                owner.syscall(FUTEX, lock, Futex.FUTEX_LOCK_PI, 0, 0, 0, 0);
                while ((c.sandbox().getLong(owner, lock) & Futex.FUTEX_WAITERS) == 0) {
                    owner.compute();
                }
                owner.exit(0);
            });
            while (word(c, lock) == 0) {
                c.cpu().compute();
            }
            c.gives(0, "futex", lock, Futex.FUTEX_LOCK_PI, 0, 0, 0, 0);
            int value = word(c, lock);
            assertThat(value & Futex.FUTEX_TID_MASK).isEqualTo(main);
            assertThat(value & Futex.FUTEX_OWNER_DIED).isNotZero();
            c.gives(0, "futex", lock, Futex.FUTEX_UNLOCK_PI, 0, 0, 0, 0);
        });
    }

    @Test
    void anyOfSeveralWordsWakes() {
        Calls.run(c -> {
            long words = c.scratch();
            long waiters = c.scratch() + 512;
            long time = c.scratch() + 256;
            c.put(waiters, 0, words, 2, 0, words + 64, 2);
            c.put(time, 0, 1);
            c.fails(Errno.ETIMEDOUT, "futex_waitv", waiters, 2, 0, time, 1);
            c.fails(Errno.EINVAL, "futex_waitv", waiters, 2, 0, time, 5);
            c.fails(Errno.EINVAL, "futex_waitv", waiters, 129, 0, 0, 0);
            c.put(waiters, 1);
            c.fails(Errno.EAGAIN, "futex_waitv", waiters, 2, 0, 0, 0);
            c.put(waiters, 0);
            c.cpu().thread(other -> {
                while (other.syscall(454, words + 64, -1 & 0xffff_ffffL, 1, 2) == 0) {
                    other.compute();
                }
                other.exit(0);
            });
            c.gives(1, "futex_waitv", waiters, 2, 0, 0, 0);
        });
    }
}
