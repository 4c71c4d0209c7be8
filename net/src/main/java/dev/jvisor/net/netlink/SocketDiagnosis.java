// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.netlink;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.inet.core.NetTimer;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.tcp.TcpRow;
import dev.jvisor.net.inet.udp.UdpSocket;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Inet;
import dev.jvisor.platform.abi.Netlink;
import dev.jvisor.platform.abi.Socket;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** NETLINK_SOCK_DIAG: tables of TCP and UDP sockets (sock_diag(7)). */
final class SocketDiagnosis implements Handler {

    /** Bytes of {@code struct inet_diag_req_v2}. */
    private static final int REQUEST_BYTES = 56;

    private final InternetStack stack;

    SocketDiagnosis(InternetStack stack) {
        this.stack = stack;
    }

    @Override
    public void handle(CallContext context, Request r, Answer answer) throws ErrnoException {
        if (r.type() != Netlink.SOCK_DIAG_BY_FAMILY) {
            throw Errno.EINVAL.exception();
        }
        int family = r.int8(0);
        if (r.payloadLength() < REQUEST_BYTES
                || family != Socket.AF_INET && family != Socket.AF_INET6) {
            throw Errno.ENOENT.exception(); // as without the module that knows the family
        }
        if (!r.isDump()) {
            throw Errno.EOPNOTSUPP.exception();
        }
        switch (r.int8(1)) {
            case Inet.IPPROTO_TCP -> answer.dump(messages(stack.tcp().rows(), r));
            case Inet.IPPROTO_UDP -> answer.dump(messages(udpRows(), r));
            default -> throw Errno.ENOENT.exception();
        }
    }

    private List<TcpRow> udpRows() {
        return stack.udp().sockets().stream().map(SocketDiagnosis::row).toList();
    }

    private static TcpRow row(UdpSocket s) {
        return new TcpRow(
                s.localIp(),
                s.localPortNumber(),
                s.remoteIp(),
                s.remotePortNumber(),
                s.isConnected() ? Inet.TCP_ESTABLISHED : Inet.TCP_CLOSE,
                s.receiveQueueBytes(),
                0,
                0,
                s.userId(),
                s.inodeNumber(),
                s.isV6Only(),
                0,
                NetTimer.NEVER);
    }

    /** The rows that a request wants, each laid out when it is read. */
    private Iterator<byte[]> messages(List<TcpRow> rows, Request r) {
        boolean wantsV4 = r.int8(0) == Socket.AF_INET;
        int states = r.int32(4);
        Iterator<TcpRow> from = rows.stream()
                .filter(row -> row.local().isV4() == wantsV4 && (states >>> row.state() & 1) != 0)
                .iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return from.hasNext();
            }

            @Override
            public byte[] next() {
                if (!from.hasNext()) {
                    throw new NoSuchElementException();
                }
                return message(from.next(), r);
            }
        };
    }

    /** {@code struct inet_diag_msg} with attributes. */
    private static byte[] message(TcpRow row, Request r) {
        MessageWriter w = new MessageWriter(
                Netlink.SOCK_DIAG_BY_FAMILY, Netlink.NLM_F_MULTI, r.sequence(), r.port());
        boolean isV4 = row.local().isV4();
        boolean hasTimer = row.timerNanos() != NetTimer.NEVER;
        w.int8(isV4 ? Socket.AF_INET : Socket.AF_INET6).int8(row.state());
        w.int8(hasTimer ? 1 : 0).int8(0);
        w.port(row.localPort()).port(row.remotePort());
        w.address16(row.local(), isV4);
        w.address16(row.remote().isV4() == isV4 ? row.remote() : IpAddress.ANY6, isV4);
        w.int32(0).int32((int) row.inode()).int32((int) (row.inode() >>> 32));
        w.int32(0).int32(row.receiveQueue()).int32(row.sendQueue());
        w.int32(row.userId()).int32((int) row.inode());
        w.attribute8(Netlink.INET_DIAG_SHUTDOWN, row.shutdown());
        if (!isV4) {
            boolean isOnly = row.isV6Only() || !row.local().isAny();
            w.attribute8(Netlink.INET_DIAG_SKV6ONLY, isOnly ? 1 : 0);
        }
        return w.finish();
    }
}
