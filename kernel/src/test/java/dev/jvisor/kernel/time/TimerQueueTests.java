// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.time;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

class TimerQueueTests {

    private final Clocks clocks = new Clocks(false);

    private static final class Recorded extends TimerQueue.Timer {
        final int number;
        final List<Integer> log;
        final CountDownLatch latch;

        Recorded(int number, List<Integer> log, CountDownLatch latch) {
            this.number = number;
            this.log = log;
            this.latch = latch;
        }

        @Override
        protected void expired() {
            synchronized (log) {
                log.add(number);
            }
            latch.countDown();
        }
    }

    /**
     * Any mix of arming, arming again and cancelling leaves the rest in the order of its deadlines.
     */
    @Property(tries = 30)
    void timersExpireInOrderOfTheirDeadlines(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 200) int count) throws Exception {
        Random random = new Random(seed);
        TimerQueue queue = new TimerQueue(clocks);
        List<Integer> log = new ArrayList<>();
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            order.add(i);
        }
        Collections.shuffle(order, random);
        List<Integer> expected = new ArrayList<>();
        boolean[] cancelled = new boolean[count];
        for (int i = 0; i < count; i++) {
            cancelled[i] = random.nextInt(4) == 0;
            if (!cancelled[i]) {
                expected.add(i);
            }
        }
        CountDownLatch latch = new CountDownLatch(expected.size());
        Recorded[] timers = new Recorded[count];
        long far = clocks.monotonicNanos() + TimeUnit.HOURS.toNanos(1);
        for (int i : order) {
            timers[i] = new Recorded(i, log, latch);
            queue.schedule(timers[i], far + random.nextInt(1000));
        }
        for (int i : order) {
            if (cancelled[i]) {
                assertThat(queue.cancel(timers[i])).isTrue();
                assertThat(queue.cancel(timers[i])).isFalse();
            }
        }
        assertThat(queue.size()).isEqualTo(expected.size());
        // Deadlines in the past, the earliest last, so that each arming changes the top of the
        // heap.
        synchronized (log) { // the first action waits until all are armed
            long base = clocks.monotonicNanos() + 3_000_000;
            for (int i = count - 1; i >= 0; i--) {
                if (!cancelled[i]) {
                    queue.schedule(timers[i], base + i * 1000L);
                }
            }
        }
        assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(log).isEqualTo(expected);
        assertThat(queue.size()).isZero();
        queue.close();
    }

    @Test
    void timerDoesNotExpireEarlyAndMayBeArmedAgain() throws Exception {
        TimerQueue queue = new TimerQueue(clocks);
        for (int i = 0; i < 3; i++) {
            long[] at = new long[1];
            CountDownLatch latch = new CountDownLatch(1);
            TimerQueue.Timer timer = new TimerQueue.Timer() {
                @Override
                protected void expired() {
                    at[0] = clocks.monotonicNanos();
                    latch.countDown();
                }
            };
            long deadline = clocks.monotonicNanos() + 5_000_000;
            queue.schedule(timer, deadline);
            assertThat(queue.deadline(timer)).isEqualTo(deadline);
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(at[0]).isGreaterThanOrEqualTo(deadline);
            assertThat(queue.deadline(timer)).isEqualTo(Long.MAX_VALUE);
        }
        queue.close();
    }

    @Test
    void closedQueueExpiresNothing() throws Exception {
        TimerQueue queue = new TimerQueue(clocks);
        List<Integer> log = new ArrayList<>();
        CountDownLatch latch = new CountDownLatch(1);
        queue.close();
        queue.schedule(new Recorded(1, log, latch), 0);
        assertThat(latch.await(20, TimeUnit.MILLISECONDS)).isFalse();
    }
}
