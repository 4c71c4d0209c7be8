// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.inet.core.VirtualTime;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Inet;
import dev.jvisor.platform.abi.Poll;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** States of connections over the loopback link. */
final class TcpStateTests {

    private static final int PORT = 80;
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final VirtualTime time = new VirtualTime();
    private final InternetStack stack = new InternetStack(time);
    private TcpEndpoint listener;
    private TcpEndpoint client;
    private TcpEndpoint server;

    @BeforeEach
    void connect() throws ErrnoException {
        stack.setUp(stack.loopback(), true);
        listener = endpoint();
        listener.bind(IpAddress.LOOPBACK4, PORT);
        listener.listen(1);
        client = endpoint();
        begin(client);
        server = listener.accept();
    }

    private TcpEndpoint endpoint() {
        TcpConfig config = new TcpConfig();
        config.sendBufferBytes = stack.settings().tcpSendDefaultBytes;
        config.receiveBufferBytes = stack.settings().tcpReceiveDefaultBytes;
        return new TcpEndpoint(stack.tcp(), IpAddress.ANY4, config);
    }

    private static void begin(TcpEndpoint from) {
        fails(Errno.EINPROGRESS, () -> from.connect(IpAddress.LOOPBACK4, PORT));
    }

    private static void fails(Errno expected, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno).isEqualTo(expected));
    }

    private static void send(TcpEndpoint from, String text) throws ErrnoException {
        byte[] raw = text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        assertThat(from.send(IovIter.of(raw, 0, raw.length), false, false)).isEqualTo(raw.length);
    }

    private static String receive(TcpEndpoint to) throws ErrnoException {
        byte[] raw = new byte[100];
        int n = (int) to.receive(IovIter.of(raw, 0, raw.length), false, false, false);
        return new String(raw, 0, n, java.nio.charset.StandardCharsets.US_ASCII);
    }

    private void pass(long seconds) {
        time.at(time.nanoTime() + seconds * SECOND_NANOS, () -> {});
        long end = time.nanoTime() + seconds * SECOND_NANOS;
        while (time.nanoTime() < end) {
            assertThat(time.step(end - time.nanoTime())).isTrue();
        }
    }

    @Test
    void oneClosesAfterTheOther() throws ErrnoException {
        client.close();
        assertThat(client.state()).isEqualTo(Inet.TCP_FIN_WAIT2);
        assertThat(server.state()).isEqualTo(Inet.TCP_CLOSE_WAIT);
        assertThat(server.poll() & Poll.EPOLLRDHUP).isNotZero();
        assertThat(receive(server)).isEmpty();
        server.close();
        assertThat(server.state()).isEqualTo(Inet.TCP_CLOSE);
        assertThat(client.state()).isEqualTo(Inet.TCP_CLOSE);
        assertThat(stack.tcp().timeWaitCount()).isEqualTo(1);
        pass(61);
        assertThat(stack.tcp().timeWaitCount()).isZero();
    }

    @Test
    void anAbandonedHalfEndsWithItsTime() throws ErrnoException {
        client.close();
        pass(61);
        assertThat(client.state()).isEqualTo(Inet.TCP_CLOSE);
        send(server, "late");
        assertThat(server.state()).isEqualTo(Inet.TCP_CLOSE);
        fails(Errno.EPIPE, () -> send(server, "later"));
    }

    @Test
    void closingWithUnreadDataResets() throws ErrnoException {
        send(client, "unread");
        server.close();
        assertThat(client.poll() & Poll.POLLERR).isNotZero();
        fails(Errno.ECONNRESET, () -> receive(client));
        assertThat(receive(client)).isEmpty();
    }

    @Test
    void dataForAClosedSocketResets() throws ErrnoException {
        server.close();
        send(client, "nobody reads this");
        assertThat(client.state()).isEqualTo(Inet.TCP_CLOSE);
        fails(Errno.EPIPE, () -> send(client, "x"));
    }

    @Test
    void theBacklogIsOneMoreThanAsked() {
        for (int i = 0; i < 2; i++) {
            TcpEndpoint one = endpoint();
            begin(one);
            assertThat(one.state()).isEqualTo(Inet.TCP_ESTABLISHED);
        }
        TcpEndpoint waits = endpoint();
        begin(waits);
        assertThat(waits.state()).isEqualTo(Inet.TCP_SYN_SENT);
        pass(2);
        assertThat(waits.state()).isEqualTo(Inet.TCP_SYN_SENT);
        assertThatCodeAccepts();
        pass(8);
        assertThat(waits.state()).isEqualTo(Inet.TCP_ESTABLISHED);
    }

    private void assertThatCodeAccepts() {
        try {
            listener.accept();
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aListenerThatClosesResetsWhoWaits() throws ErrnoException {
        TcpEndpoint waiting = endpoint();
        begin(waiting);
        listener.close();
        fails(Errno.ECONNRESET, () -> receive(waiting));
        TcpEndpoint late = endpoint();
        begin(late);
        assertThat(late.takeError()).isEqualTo(Errno.ECONNREFUSED);
        send(client, "still here");
        assertThat(receive(server)).isEqualTo("still here");
    }

    @Test
    void connectsToItself() throws ErrnoException {
        TcpEndpoint self = endpoint();
        self.bind(IpAddress.LOOPBACK4, 81);
        fails(Errno.EINPROGRESS, () -> self.connect(IpAddress.LOOPBACK4, 81));
        assertThat(self.state()).isEqualTo(Inet.TCP_ESTABLISHED);
        send(self, "me");
        assertThat(receive(self)).isEqualTo("me");
    }

    @Test
    void keepaliveFindsThatThePeerIsGone() throws ErrnoException {
        client.config.keepsAlive = true;
        client.config.keepIdleSeconds = 10;
        client.config.keepIntervalSeconds = 5;
        client.config.keepProbes = 3;
        client.keepaliveChanged();
        pass(100);
        assertThat(client.state()).isEqualTo(Inet.TCP_ESTABLISHED);
        stack.setUp(stack.loopback(), false);
        pass(100);
        fails(Errno.ETIMEDOUT, () -> receive(client));
    }

    @Test
    void unansweredDataTimesOut() throws ErrnoException {
        client.config.userTimeoutMillis = 30_000;
        stack.setUp(stack.loopback(), false);
        send(client, "lost");
        pass(20);
        assertThat(client.state()).isEqualTo(Inet.TCP_ESTABLISHED);
        pass(60);
        fails(Errno.ETIMEDOUT, () -> receive(client));
    }

    @Test
    void aCorkedSegmentWaits() throws ErrnoException {
        client.config.isCorked = true;
        send(client, "held");
        fails(Errno.EAGAIN, () -> receive(server));
        client.config.isCorked = false;
        client.flush();
        assertThat(receive(server)).isEqualTo("held");
    }
}
