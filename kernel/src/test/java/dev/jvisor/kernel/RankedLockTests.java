// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jvisor.platform.SentryBug;

import org.junit.jupiter.api.Test;

final class RankedLockTests {

    private final RankedLock tree = new RankedLock(LockRank.TASK_TREE);
    private final RankedLock signal = new RankedLock(LockRank.SIGNAL);

    @Test
    void locksMayBeTakenDownTheTree() {
        tree.lock();
        signal.lock();
        signal.lock();
        signal.unlock();
        signal.unlock();
        tree.unlock();
        assertThat(tree.isLocked()).isFalse();
    }

    @Test
    void takingALockAboveAHeldOneIsABug() {
        signal.lock();
        try {
            assertThatThrownBy(tree::lock).isInstanceOf(SentryBug.class);
            assertThat(tree.isLocked()).isFalse();
        } finally {
            signal.unlock();
        }
    }

    @Test
    void twoLocksOfOneRankAreABug() {
        signal.lock();
        try {
            RankedLock other = new RankedLock(LockRank.SIGNAL);
            assertThatThrownBy(other::lock).isInstanceOf(SentryBug.class);
        } finally {
            signal.unlock();
        }
    }

    @Test
    void outOfOrderReleaseIsAllowed() {
        tree.lock();
        signal.lock();
        tree.unlock();
        signal.unlock();
        tree.lock();
        tree.unlock();
    }
}
