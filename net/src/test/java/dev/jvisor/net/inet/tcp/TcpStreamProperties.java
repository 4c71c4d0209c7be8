// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.inet.core.LossyLink;
import dev.jvisor.net.inet.core.VirtualTime;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Inet;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

import java.util.Random;

/** A stream arrives as it was sent, whatever the link does to its packets. */
final class TcpStreamProperties {

    private static final int PORT = 80;
    private static final long STEP_NANOS = 200_000_000_000L;

    private VirtualTime time = new VirtualTime();

    @Property(tries = 60)
    void bothStreamsArriveWhole(
            @ForAll long seed,
            @ForAll @IntRange(max = 8) int badPercent,
            @ForAll @IntRange(max = 200_000) int length,
            @ForAll @IntRange(min = 2304, max = 100_000) int bufferBytes)
            throws ErrnoException {
        time = new VirtualTime();
        LossyLink link = new LossyLink(time, seed, badPercent);
        TcpEndpoint listener = endpoint(link.stack(1), bufferBytes);
        listener.bind(IpAddress.ANY4, PORT);
        listener.listen(5);
        TcpEndpoint client = endpoint(link.stack(0), bufferBytes);
        begin(client);
        TcpEndpoint server = accept(listener, client);
        Random random = new Random(seed);
        byte[] there = new byte[length];
        byte[] back = new byte[length / 3];
        random.nextBytes(there);
        random.nextBytes(back);
        Stream up = new Stream(client, server, there, random);
        Stream down = new Stream(server, client, back, random);
        while (!up.isDone() || !down.isDone()) {
            boolean moved = up.move();
            moved |= down.move();
            if (!moved) {
                assertThat(time.step(STEP_NANOS)).as("something happens").isTrue();
            }
        }
        assertThat(up.received()).isEqualTo(there);
        assertThat(down.received()).isEqualTo(back);
        client.close();
        server.close();
        listener.close();
        while (time.step(STEP_NANOS)) {
            // TIME_WAIT ends
        }
        assertThat(client.state()).isEqualTo(Inet.TCP_CLOSE);
        assertThat(server.state()).isEqualTo(Inet.TCP_CLOSE);
        assertThat(link.stack(0).tcp().rows()).isEmpty();
        assertThat(link.stack(1).tcp().rows()).isEmpty();
        assertThat(link.stack(0).tcp().timeWaitCount()).isZero();
    }

    private static TcpEndpoint endpoint(InternetStack stack, int bufferBytes) {
        TcpConfig config = new TcpConfig();
        config.sendBufferBytes = bufferBytes;
        config.receiveBufferBytes = bufferBytes;
        config.isReceiveBufferFixed = (bufferBytes & 1) != 0;
        config.isSendBufferFixed = (bufferBytes & 2) != 0;
        return new TcpEndpoint(stack.tcp(), IpAddress.ANY4, config);
    }

    private static void begin(TcpEndpoint client) {
        try {
            client.connect(LossyLink.address(1), PORT);
        } catch (ErrnoException e) {
            assertThat(e.errno).isEqualTo(Errno.EINPROGRESS);
        }
    }

    private TcpEndpoint accept(TcpEndpoint listener, TcpEndpoint client) {
        for (; ; ) {
            try {
                TcpEndpoint server = listener.accept();
                while (client.state() == Inet.TCP_SYN_SENT) {
                    assertThat(time.step(STEP_NANOS)).isTrue();
                }
                return server;
            } catch (ErrnoException e) {
                assertThat(e.errno).isEqualTo(Errno.EAGAIN);
                assertThat(time.step(STEP_NANOS)).isTrue();
                if (client.state() == Inet.TCP_CLOSE) {
                    begin(client); // it gave up
                }
            }
        }
    }

    /** One direction: writes pieces at one end, reads pieces at the other. */
    private static final class Stream {
        private final TcpEndpoint from;
        private final TcpEndpoint to;
        private final byte[] data;
        private final byte[] arrived;
        private final Random random;
        private int sent;
        private int read;
        private boolean isShut;
        private boolean isEnded;

        Stream(TcpEndpoint from, TcpEndpoint to, byte[] data, Random random) {
            this.from = from;
            this.to = to;
            this.data = data;
            this.arrived = new byte[data.length];
            this.random = random;
        }

        boolean isDone() {
            return isShut && isEnded;
        }

        byte[] received() {
            return arrived;
        }

        boolean move() throws ErrnoException {
            boolean moved = false;
            int piece = 1 + random.nextInt(random.nextBoolean() ? 20 : 20_000);
            try {
                if (sent < data.length) {
                    int n = Math.min(piece, data.length - sent);
                    sent += (int) from.send(IovIter.of(data, sent, n), false, false);
                    moved = true;
                } else if (!isShut) {
                    from.shutdown(2);
                    isShut = true;
                    moved = true;
                }
            } catch (ErrnoException e) {
                assertThat(e.errno).isEqualTo(Errno.EAGAIN);
            }
            try {
                if (!isEnded) {
                    byte[] buffer = new byte[piece];
                    int n = (int) to.receive(IovIter.of(buffer, 0, piece), false, false, false);
                    assertThat(read + n).isLessThanOrEqualTo(arrived.length);
                    System.arraycopy(buffer, 0, arrived, read, n);
                    read += n;
                    isEnded = n == 0;
                    moved = true;
                }
            } catch (ErrnoException e) {
                assertThat(e.errno).isEqualTo(Errno.EAGAIN);
            }
            return moved;
        }
    }
}
