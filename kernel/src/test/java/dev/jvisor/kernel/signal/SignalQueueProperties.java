// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.abi.Signals;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import java.util.ArrayList;
import java.util.List;

/** The queue against a list in which everything is searched for. */
class SignalQueueProperties {

    private static final int ADD = 0;
    private static final int ADD_LOST = 1;
    private static final int TAKE = 2;
    private static final int DISCARD = 3;

    /** An instance in the model; value -1 for one without information. */
    private record Instance(int signal, long value) {}

    @Property
    void behavesLikeAListForEachSignal(
            @ForAll @Size(max = 80) List<@IntRange(min = 0, max = 1 << 20) Integer> steps) {
        SignalQueue queue = new SignalQueue();
        SignalQuota.User user = new SignalQuota().user(7);
        List<Instance> model = new ArrayList<>();
        long next = 0;
        for (int step : steps) {
            int action = step & 3;
            int signal = (step >> 2) % SignalHandlers.COUNT + 1;
            boolean pending = has(model, signal);
            switch (action) {
                case ADD -> {
                    if (signal >= Signals.SIGRTMIN || !pending) {
                        SigInfo info = SigInfo.timer(signal, 0, 0, next, null, 0);
                        user.tryAcquire(-1, false);
                        queue.add(new SignalQueue.Entry(info, user));
                        model.removeIf(i -> i.signal == signal && i.value < 0);
                        model.add(new Instance(signal, next++));
                    }
                }
                case ADD_LOST -> {
                    queue.add(signal);
                    if (!pending) {
                        model.add(new Instance(signal, -1));
                    }
                }
                case TAKE -> {
                    if (pending) {
                        SigInfo info = queue.take(signal);
                        Instance first = first(model, signal);
                        model.remove(first);
                        assertThat(info.signal).isEqualTo(signal);
                        assertThat(info.code == Signals.SI_USER).isEqualTo(first.value < 0);
                        if (first.value >= 0) {
                            assertThat(info.value()).isEqualTo(first.value);
                        }
                    }
                }
                case DISCARD -> {
                    long set = SignalSet.bit(signal) | SignalSet.bit(signal % 64 + 1);
                    queue.discard(set);
                    model.removeIf(i -> SignalSet.contains(set, i.signal));
                }
                default -> throw new AssertionError();
            }
            assertThat(queue.pending()).isEqualTo(mask(model));
            assertThat(user.count())
                    .isEqualTo((int) model.stream().filter(i -> i.value >= 0).count());
        }
    }

    private static boolean has(List<Instance> model, int signal) {
        return model.stream().anyMatch(i -> i.signal == signal);
    }

    private static Instance first(List<Instance> model, int signal) {
        return model.stream().filter(i -> i.signal == signal).findFirst().orElseThrow();
    }

    private static long mask(List<Instance> model) {
        long mask = 0;
        for (Instance i : model) {
            mask |= SignalSet.bit(i.signal);
        }
        return mask;
    }
}
