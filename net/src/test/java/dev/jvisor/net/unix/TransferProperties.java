// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.unix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.abi.Socket;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;

/** What goes in comes out, in order and once, whatever is sent and received when. */
final class TransferProperties {

    enum Kind {
        SEND,
        RECEIVE,
        PEEK
    }

    record Action(Kind kind, int size) {}

    @Provide
    Arbitrary<List<Action>> actions() {
        Arbitrary<Integer> sizes = Arbitraries.oneOf(
                Arbitraries.integers().between(0, 300), Arbitraries.integers().between(0, 120_000));
        return Combinators.combine(Arbitraries.of(Kind.class), sizes)
                .as(Action::new)
                .list()
                .ofMaxSize(40);
    }

    @Property(tries = 200)
    void aStreamIsOneQueueOfBytes(@ForAll("actions") List<Action> actions) throws Exception {
        Caller caller = new Caller();
        UnixSocket[] pair = caller.pair(Socket.SOCK_STREAM);
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        int at = 0;
        byte next = 0;
        for (Action action : actions) {
            if (action.kind == Kind.SEND) {
                byte[] data = new byte[action.size];
                for (int i = 0; i < data.length; i++) {
                    data[i] = next++;
                }
                boolean room = (pair[0].poll() & Poll.POLLOUT) != 0;
                long n = caller.send(pair[0], data, 0);
                assertThat(room && n < 0).isFalse();
                int taken = (int) Math.max(0, n);
                sent.write(data, 0, taken);
                next -= (byte) (data.length - taken);
                continue;
            }
            byte[] all = sent.toByteArray();
            int length = Math.max(1, action.size);
            byte[] expected = Arrays.copyOfRange(all, at, Math.min(all.length, at + length));
            boolean readable = (pair[1].poll() & Poll.POLLIN) != 0;
            assertThat(readable).isEqualTo(at < all.length);
            byte[] got =
                    caller.receive(pair[1], length, action.kind == Kind.PEEK ? Socket.MSG_PEEK : 0);
            assertThat(got).isEqualTo(at < all.length ? expected : null);
            at += action.kind == Kind.PEEK ? 0 : expected.length;
        }
        pair[0].release();
        byte[] all = sent.toByteArray();
        byte[] rest = caller.receive(pair[1], all.length - at + 1, 0);
        assertThat(rest).isEqualTo(Arrays.copyOfRange(all, at, all.length));
        assertThat(pair[0].unsentBytes(caller.context)).isZero();
        assertThat(caller.receive(pair[1], 1, 0)).isEmpty();
        assertThat(caller.send(pair[1], new byte[1], 0)).isEqualTo(-Errno.EPIPE.number);
        assertThat(caller.signals).containsExactly(Signals.SIGPIPE);
        pair[1].release();
    }

    @Property(tries = 200)
    void datagramsKeepTheirBoundaries(
            @ForAll("actions") List<Action> actions, @ForAll boolean connection) throws Exception {
        Caller caller = new Caller();
        UnixSocket[] pair = caller.pair(connection ? Socket.SOCK_SEQPACKET : Socket.SOCK_DGRAM);
        ArrayDeque<byte[]> queue = new ArrayDeque<>();
        int fill = 0;
        for (Action action : actions) {
            if (action.kind == Kind.SEND) {
                byte[] data = new byte[action.size];
                Arrays.fill(data, (byte) fill++);
                boolean room = (pair[0].poll() & Poll.POLLOUT) != 0;
                long n = caller.send(pair[0], data, 0);
                if (n >= 0) {
                    assertThat(n).isEqualTo(data.length);
                    queue.add(data);
                } else {
                    assertThat(room).isFalse();
                }
                continue;
            }
            boolean peek = action.kind == Kind.PEEK;
            byte[] first = peek ? queue.peek() : queue.poll();
            byte[] got = caller.receive(pair[1], action.size, peek ? Socket.MSG_PEEK : 0);
            assertThat(got)
                    .isEqualTo(
                            first == null
                                    ? null
                                    : Arrays.copyOf(first, Math.min(first.length, action.size)));
        }
        pair[1].release();
        assertThat(pair[0].unsentBytes(caller.context)).isZero();
        Errno gone = connection ? Errno.EPIPE : Errno.ECONNREFUSED;
        boolean reset = connection && !queue.isEmpty();
        assertThat(caller.send(pair[0], new byte[1], 0))
                .isEqualTo(-(reset ? Errno.ECONNRESET : gone).number);
        assertThat(caller.signals).isEmpty();
        pair[0].release();
    }
}
