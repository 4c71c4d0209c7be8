// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.socket;

import static dev.jvisor.platform.abi.Socket.AF_UNIX;
import static dev.jvisor.platform.abi.Socket.MSG_CTRUNC;
import static dev.jvisor.platform.abi.Socket.MSG_DONTWAIT;
import static dev.jvisor.platform.abi.Socket.MSG_WAITFORONE;
import static dev.jvisor.platform.abi.Socket.SCM_RIGHTS;
import static dev.jvisor.platform.abi.Socket.SOCK_DGRAM;
import static dev.jvisor.platform.abi.Socket.SOCK_SEQPACKET;
import static dev.jvisor.platform.abi.Socket.SOCK_STREAM;
import static dev.jvisor.platform.abi.Socket.SOL_SOCKET;
import static dev.jvisor.platform.abi.Socket.SO_RCVTIMEO_OLD;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.syscalls.testing.Calls;

import org.junit.jupiter.api.Test;

/** What the socket calls do themselves. Expected results are Linux 6.18's. */
final class SocketCallsTests {

    private static final long NOWHERE = 8;
    private static final int SA_RESTART = 0x10000000;
    private static final int RLIMIT_NOFILE = 7;

    private static int[] pair(Calls c, int type) {
        c.gives(0, "socketpair", AF_UNIX, type, 0, c.scratch());
        long ends = c.get(c.scratch());
        return new int[] {(int) ends, (int) (ends >> 32)};
    }

    /** A struct msghdr at an address: one range of memory, and a control buffer. */
    private static void header(
            Calls c, long at, long iov, long data, long length, long control, long controlLength) {
        c.put(at, 0, 0, iov, 1, control, controlLength, 0, 0);
        c.put(iov, data, length);
    }

    @Test
    void errorsComeInLinuxsOrder() {
        Calls.run(c -> {
            int file = c.file("a", "x");
            c.fails(Errno.EINVAL, "socket", 99, SOCK_STREAM | 0x10, 0);
            c.fails(Errno.EAFNOSUPPORT, "socket", 99, 0xf, 0);
            c.fails(Errno.EINVAL, "socket", AF_UNIX, 0xf, 0);
            c.fails(Errno.EFAULT, "socketpair", 99, SOCK_STREAM, 0, NOWHERE);
            c.fails(Errno.EAFNOSUPPORT, "socketpair", 99, SOCK_STREAM, 0, c.scratch());
            c.fails(Errno.EBADF, "bind", 99, NOWHERE, -1);
            c.fails(Errno.ENOTSOCK, "bind", file, NOWHERE, -1);
            c.fails(Errno.EINVAL, "connect", file, NOWHERE, -1);
            c.fails(Errno.EFAULT, "connect", file, NOWHERE, 20);
            c.fails(Errno.ENOTSOCK, "connect", file, c.scratch(), 20);
            c.fails(Errno.EINVAL, "accept4", file, 0, 0, 1);
            c.fails(Errno.ENOTSOCK, "accept4", file, 0, 0, 0);
            int[] s = pair(c, SOCK_STREAM);
            c.fails(Errno.EINVAL, "bind", s[0], NOWHERE, 129);
            c.fails(Errno.EFAULT, "getsockname", s[0], c.scratch(), NOWHERE);
            c.put(c.scratch(), -1);
            c.fails(Errno.EINVAL, "getsockname", s[0], c.scratch() + 8, c.scratch());
            c.fails(Errno.EINVAL, "setsockopt", s[0], SOL_SOCKET, 2, NOWHERE, -1);
            c.fails(Errno.EINVAL, "setsockopt", s[0], SOL_SOCKET, 2, NOWHERE, 3);
            c.fails(Errno.EFAULT, "setsockopt", s[0], SOL_SOCKET, 2, NOWHERE, 4);
            c.fails(Errno.EINVAL, "shutdown", s[0], 3);
            c.fails(Errno.EFAULT, "sendmsg", s[0], NOWHERE, 0);
            c.fails(Errno.EINVAL, "sendmsg", s[0], NOWHERE, 0x8000_0000);
            c.fails(Errno.EFAULT, "sendto", s[0], NOWHERE, 1, 0, 0, 0);
        });
    }

    @Test
    void manyMessagesInOneCall() {
        Calls.run(c -> {
            int[] s = pair(c, SOCK_DGRAM);
            long data = c.cpu().page();
            long vector = c.cpu().page();
            c.put(data, 0x6464_6363_6262_6161L);
            for (int i = 0; i < 4; i++) {
                header(c, vector + 64 * i, vector + 1024 + 16 * i, data + 2 * i, 2, 0, 0);
            }
            c.gives(4, "sendmmsg", s[0], vector, 4, 0);
            assertThat(c.get(vector + 56)).isEqualTo(2);
            long into = c.cpu().page();
            for (int i = 0; i < 4; i++) {
                header(c, vector + 64 * i, vector + 1024 + 16 * i, into + 16 * i, 16, 0, 0);
            }
            c.gives(2, "recvmmsg", s[1], vector, 2, 0, 0);
            assertThat(c.text(into, 2) + c.text(into + 16, 2)).isEqualTo("aabb");
            c.gives(2, "recvmmsg", s[1], vector, 4, MSG_WAITFORONE, 0);
            assertThat(c.text(into, 2) + c.text(into + 16, 2)).isEqualTo("ccdd");
            c.fails(Errno.EAGAIN, "recvmmsg", s[1], vector, 4, MSG_DONTWAIT, 0);
            // What goes wrong behind the first message is not an error of the call.
            c.put(vector + 64 + 16, NOWHERE);
            c.gives(1, "sendmmsg", s[0], vector, 4, 0);
        });
    }

    @Test
    void aSignalEndsAWaitAsTheTimeoutSays() {
        Calls.run(c -> {
            int[] s = pair(c, SOCK_STREAM);
            long eintr = c.interrupted(0, "recvfrom", s[0], c.scratch(), 1, 0, 0, 0);
            assertThat(Calls.name(eintr)).isEqualTo("EINTR");
            c.put(c.scratch(), 1000, 0);
            c.gives(0, "setsockopt", s[0], SOL_SOCKET, SO_RCVTIMEO_OLD, c.scratch(), 16);
            // With a time-out it is not restarted even if the handler asks for that.
            long timed = c.interrupted(SA_RESTART, "recvfrom", s[0], c.scratch(), 1, 0, 0, 0);
            assertThat(Calls.name(timed)).isEqualTo("EINTR");
            c.put(c.scratch(), 0, 8000);
            c.gives(0, "setsockopt", s[0], SOL_SOCKET, SO_RCVTIMEO_OLD, c.scratch(), 16);
            c.fails(Errno.EAGAIN, "read", s[0], c.scratch(), 1);
        });
    }

    @Test
    void passedFilesThatFindNoRoomAreCutOff() {
        Calls.run(c -> {
            int[] s = pair(c, SOCK_SEQPACKET);
            long at = c.cpu().page();
            long control = at + 512;
            long level = SOL_SOCKET | (long) SCM_RIGHTS << 32;
            c.put(control, 16 + 12, level, s[0] | (long) s[1] << 32, s[0]);
            header(c, at, at + 128, at + 256, 1, control, 32);
            c.gives(1, "sendmsg", s[0], at, 0);
            c.gives(1, "sendmsg", s[0], at, 0);
            int free = Math.max(s[0], s[1]) + 1;
            c.put(c.scratch(), free + 1, free + 1);
            c.gives(0, "setrlimit", RLIMIT_NOFILE, c.scratch());
            header(c, at, at + 128, at + 256, 1, control, 64);
            c.gives(1, "recvmsg", s[1], at, 0);
            assertThat((int) c.get(at + 48)).isEqualTo(MSG_CTRUNC);
            assertThat(c.get(at + 40)).isEqualTo(24);
            assertThat(c.get(control)).isEqualTo(20);
            assertThat((int) c.get(control + 16)).isEqualTo(free);
            header(c, at, at + 128, at + 256, 1, control, 64);
            c.gives(1, "recvmsg", s[1], at, 0);
            assertThat((int) c.get(at + 48)).isEqualTo(MSG_CTRUNC);
            assertThat(c.get(at + 40)).isZero();
        });
    }

    @Test
    void aConnectionIsNotLostForWantOfADescriptor() {
        Calls.run(c -> {
            int listener = (int) c.ok("socket", AF_UNIX, SOCK_STREAM, 0);
            int client = (int) c.ok("socket", AF_UNIX, SOCK_STREAM, 0);
            c.put(c.scratch(), AF_UNIX | 'n' << 16); // the path "n"
            c.gives(0, "bind", listener, c.scratch(), 4);
            c.gives(0, "listen", listener, 1);
            c.gives(0, "connect", client, c.scratch(), 4);
            c.put(c.scratch() + 64, client + 1, 4096);
            c.gives(0, "setrlimit", RLIMIT_NOFILE, c.scratch() + 64);
            c.fails(Errno.EMFILE, "accept", listener, 0, 0);
            c.put(c.scratch() + 64, client + 2, 4096);
            c.gives(0, "setrlimit", RLIMIT_NOFILE, c.scratch() + 64);
            c.gives(client + 1, "accept", listener, 0, 0);
            c.fails(Errno.EADDRINUSE, "bind", listener, c.scratch(), 4);
        });
    }
}
