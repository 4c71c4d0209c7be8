// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.unix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.Socket;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import java.util.Arrays;
import java.util.List;

/** Sockets that are sent over sockets: none lives on when nobody can get at it any more. */
final class InFlightProperties {

    private static final int PAIRS = 4;

    @Property(tries = 300)
    void noCircleOutlivesItsDescriptors(
            @ForAll @Size(max = 24) List<@IntRange(max = 63) Integer> sends,
            @ForAll @Size(max = 6) List<@IntRange(max = 7) Integer> receives,
            @ForAll @IntRange(max = 7) int kept) {
        Caller caller = new Caller();
        UnixSocket[] sockets = new UnixSocket[2 * PAIRS];
        for (int i = 0; i < PAIRS; i++) {
            UnixSocket[] pair = caller.pair(i % 2 == 0 ? Socket.SOCK_STREAM : Socket.SOCK_DGRAM);
            sockets[2 * i] = pair[0];
            sockets[2 * i + 1] = pair[1];
        }
        for (int send : sends) {
            UnixSocket over = sockets[send / 8];
            assertThat(caller.sendFiles(over, sockets[send % 8], sockets[0])).isEqualTo(1);
        }
        for (int receive : receives) {
            caller.receive(sockets[receive], 1, 0);
        }
        for (int i = 0; i < sockets.length; i++) {
            if (i != kept) {
                sockets[i].release();
            }
        }
        assertThat(sockets[kept].references()).isPositive();
        sockets[kept].release();
        caller.socket(Socket.SOCK_STREAM).release(); // the end of any socket looks for garbage
        assertThat(InFlight.count()).isZero();
        for (UnixSocket socket : sockets) {
            assertThat(socket.references()).isZero();
        }
    }

    @Example
    void aLongChainEndsWithoutALongStack() {
        Caller caller = new Caller();
        UnixSocket[] last = caller.pair(Socket.SOCK_STREAM);
        UnixSocket first = last[0];
        for (int i = 0; i < 5_000; i++) {
            UnixSocket[] pair = caller.pair(Socket.SOCK_STREAM);
            assertThat(caller.sendFiles(pair[0], last[0], last[1])).isEqualTo(1);
            last[0].release();
            last[1].release();
            last = pair;
        }
        last[0].release();
        last[1].release();
        assertThat(first.references()).isZero();
        assertThat(InFlight.count()).isZero();
    }

    @Example
    void anOrdinaryUserHasALimit() {
        Caller caller = new Caller();
        caller.credentials = Credentials.of(7, 7, new int[0], 0);
        UnixSocket[] pair = caller.pair(Socket.SOCK_STREAM);
        UnixSocket[] files = new UnixSocket[250];
        Arrays.fill(files, pair[0]);
        for (int i = 0; i < 5; i++) {
            assertThat(caller.sendFiles(pair[0], files)).isEqualTo(1); // 1024 is the limit
        }
        assertThat(caller.sendFiles(pair[0], pair[0])).isEqualTo(-Errno.ETOOMANYREFS.number);
        pair[0].release();
        pair[1].release();
        assertThat(InFlight.count()).isZero();
    }
}
