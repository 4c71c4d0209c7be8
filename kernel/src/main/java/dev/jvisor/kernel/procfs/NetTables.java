// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.net.Network;
import dev.jvisor.net.inet.core.Counter;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.inet.core.NetMemory;
import dev.jvisor.net.inet.core.NetTimer;
import dev.jvisor.net.inet.icmp.RawSocket;
import dev.jvisor.net.inet.ip.Bytes;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.link.NetInterface;
import dev.jvisor.net.inet.route.Route;
import dev.jvisor.net.inet.tcp.TcpRow;
import dev.jvisor.net.inet.udp.UdpSocket;
import dev.jvisor.net.socket.NetNamespace;
import dev.jvisor.platform.abi.Inet;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Netlink;

/** The tables of {@code /proc/net} that the TCP/IP stack of a namespace fills. */
final class NetTables {

    private static final long NANOS_PER_TICK = 10_000_000L;
    private static final int PAGE_BYTES = 4096;

    private NetTables() {}

    /**
     * Writes a table.
     *
     * @return false if it is not one of these
     */
    static boolean write(NetNamespace net, String name, TextBuffer out) {
        switch (name) {
            case "tcp", "tcp6" -> tcp(Network.stack(net), name, out);
            case "udp", "udp6" -> udp(Network.stack(net), name, out);
            case "raw", "raw6" -> raw(Network.stack(net), name, out);
            case "dev" -> devices(Network.stack(net), out);
            case "route" -> routes(Network.stack(net), out);
            case "if_inet6" -> addresses6(Network.stack(net), out);
            case "ipv6_route" -> routes6(Network.stack(net), out);
            case "sockstat" -> sockets(Network.stack(net), out);
            case "snmp" -> counters(Network.stack(net), out);
            default -> {
                return false;
            }
        }
        return true;
    }

    // Sockets.

    private static void tcp(InternetStack stack, String name, TextBuffer out) {
        NetTexts.HEADERS.write(name, out);
        boolean isV4 = name.equals("tcp");
        long now = stack.timers().nanoTime();
        int slot = 0;
        for (TcpRow r : stack.tcp().rows()) {
            if (r.local().isV4() != isV4) {
                continue;
            }
            TextBuffer line = isV4 ? new TextBuffer() : out;
            boolean isListener = r.state() == Inet.TCP_LISTEN;
            boolean hasTimer = r.timerNanos() != NetTimer.NEVER;
            long ticks = hasTimer ? Math.max(0, (r.timerNanos() - now) / NANOS_PER_TICK) : 0;
            line.add(slot++, 4).add(": ");
            end(line, r.local(), r.localPort(), isV4);
            end(line, r.remote(), r.remotePort(), isV4);
            line.add(hex(r.state(), 2)).add(' ');
            line.add(hex(isListener ? 0 : r.sendQueue(), 8)).add(':');
            line.add(hex(r.receiveQueue(), 8)).add(' ');
            line.add(hex(hasTimer ? 1 : 0, 2)).add(':').add(hex(ticks, 8));
            line.add(" 00000000 ").add(r.userId(), 5).add("        0 ");
            line.add(r.inode()).add(" 1 0000000000000000 ");
            line.add(isListener ? "100 0 0 10 0" : "20 4 30 10 -1");
            if (isV4) {
                padded(line, out, 149);
            } else {
                line.add('\n');
            }
        }
    }

    /** Lines of the IPv4 tables have one length. */
    private static void padded(TextBuffer line, TextBuffer out, int width) {
        String text = line.toString();
        out.add(text);
        for (int i = text.length(); i < width; i++) {
            out.add(' ');
        }
        out.add('\n');
    }

    private static void end(TextBuffer out, IpAddress address, int port, boolean isV4) {
        byte[] raw = new byte[isV4 ? IpAddress.V4_BYTES : IpAddress.V6_BYTES];
        if (isV4) {
            address.write(raw, 0);
        } else if (!address.isV4() || !address.isAny()) {
            address.writeV6(raw, 0);
        }
        for (int i = 0; i < raw.length; i += 4) {
            out.add(hex(LittleEndian.getInt(raw, i) & 0xffffffffL, 8));
        }
        out.add(':').add(hex(port, 4)).add(' ');
    }

    private static void udp(InternetStack stack, String name, TextBuffer out) {
        NetTexts.HEADERS.write(name, out);
        boolean isV4 = name.equals("udp");
        for (UdpSocket s : stack.udp().sockets()) {
            if (s.isV6() != isV4) {
                datagram(
                        out,
                        isV4,
                        s.localIp(),
                        s.localPortNumber(),
                        s.remoteIp(),
                        s.remotePortNumber(),
                        s.isConnected(),
                        s.receiveQueueBytes(),
                        s.userId(),
                        s.inodeNumber(),
                        s.drops());
            }
        }
    }

    private static void raw(InternetStack stack, String name, TextBuffer out) {
        NetTexts.HEADERS.write(name, out);
        boolean isV4 = name.equals("raw");
        for (RawSocket s : stack.raw().sockets()) {
            if (s.isV6() != isV4) {
                datagram(
                        out,
                        isV4,
                        s.localIp(),
                        s.protocol(),
                        s.remoteIp(),
                        0,
                        s.isConnected(),
                        s.receiveQueueBytes(),
                        0,
                        s.inodeNumber(),
                        s.drops());
            }
        }
    }

    private static void datagram(
            TextBuffer out,
            boolean isV4,
            IpAddress local,
            int localPort,
            IpAddress remote,
            int remotePort,
            boolean isConnected,
            int queued,
            int userId,
            long inode,
            long drops) {
        TextBuffer line = isV4 ? new TextBuffer() : out;
        line.add(localPort & 0x7ff, 5).add(": ");
        end(line, local, localPort, isV4);
        end(line, remote, remotePort, isV4);
        line.add(hex(isConnected ? Inet.TCP_ESTABLISHED : Inet.TCP_CLOSE, 2));
        line.add(" 00000000:").add(hex(queued, 8)).add(" 00:00000000 00000000 ");
        line.add(userId, 5).add("        0 ").add(inode);
        line.add(" 2 0000000000000000 ").add(drops);
        if (isV4) {
            padded(line, out, 127);
        } else {
            line.add('\n');
        }
    }

    private static void sockets(InternetStack stack, TextBuffer out) {
        int open = 0;
        for (TcpRow r : stack.tcp().rows()) {
            open += r.state() != Inet.TCP_TIME_WAIT ? 1 : 0;
        }
        int udp = stack.udp().sockets().size();
        int raw = stack.raw().sockets().size();
        long pages = NetMemory.bytes() / PAGE_BYTES;
        out.add("sockets: used ").add(open + udp + raw).add('\n');
        out.add("TCP: inuse ").add(open).add(" orphan 0 tw ").add(stack.tcp().timeWaitCount());
        out.add(" alloc ").add(open).add(" mem ").add(pages).add('\n');
        out.add("UDP: inuse ").add(udp).add(" mem 0\n");
        out.add("UDPLITE: inuse 0\n");
        out.add("RAW: inuse ").add(raw).add('\n');
        out.add("FRAG: inuse 0 memory 0\n");
    }

    // Interfaces and routes.

    private static void devices(InternetStack stack, TextBuffer out) {
        out.add("Inter-|   Receive                                                |  Transmit\n");
        out.add(" face |bytes    packets errs drop fifo frame compressed multicast|");
        out.add("bytes    packets errs drop fifo colls carrier compressed\n");
        for (NetInterface d : stack.interfaces()) {
            for (int i = d.name().length(); i < 6; i++) {
                out.add(' ');
            }
            out.add(d.name()).add(": ");
            out.add(d.receivedBytes.sum(), 7).add(' ');
            out.add(d.receivedPackets.sum(), 7);
            out.add("    0    0    0     0          0         0 ");
            out.add(d.sentBytes.sum(), 8).add(' ');
            out.add(d.sentPackets.sum(), 7);
            out.add("    0    0    0     0       0          0\n");
        }
    }

    private static void routes(InternetStack stack, TextBuffer out) {
        NetTexts.HEADERS.write("route", out);
        for (Route r : stack.routes().routes()) {
            if (!r.prefix().isV4() || r.table() != Netlink.RT_TABLE_MAIN) {
                continue;
            }
            IpAddress gateway = r.gateway();
            int mask = r.prefixBits() == 0 ? 0 : -1 << 32 - r.prefixBits();
            TextBuffer line = new TextBuffer();
            line.add(r.output().name()).add('\t');
            hex4(line, r.prefix().v4Bits());
            line.add('\t');
            hex4(line, gateway == null ? 0 : gateway.v4Bits());
            line.add('\t').add(hex(gateway == null ? 1 : 3, 4)).add("\t0\t0\t");
            line.add(r.priority()).add('\t');
            hex4(line, mask);
            line.add("\t0\t0\t0");
            padded(line, out, 127);
        }
    }

    private static void hex4(TextBuffer out, int bits) {
        out.add(hex(Integer.reverseBytes(bits) & 0xffffffffL, 8));
    }

    private static void hex6(TextBuffer out, IpAddress address) {
        byte[] raw = new byte[IpAddress.V6_BYTES];
        address.writeV6(raw, 0);
        for (int i = 0; i < raw.length; i += 4) {
            lower(out, Bytes.int32(raw, i) & 0xffffffffL, 8);
        }
    }

    /** Hexadecimal digits of a width, in small letters. */
    private static void lower(TextBuffer out, long value, int width) {
        out.addHex(value, width);
    }

    /** Hexadecimal digits of a width, in large letters. */
    private static String hex(long value, int width) {
        char[] digits = new char[width];
        for (int i = width - 1, shift = 0; i >= 0; i--, shift += 4) {
            digits[i] = "0123456789ABCDEF".charAt((int) (value >>> shift) & 15);
        }
        return new String(digits);
    }

    private static void addresses6(InternetStack stack, TextBuffer out) {
        for (NetInterface d : stack.interfaces()) {
            for (NetInterface.Address a : d.addresses()) {
                if (!a.address().isV4()) {
                    hex6(out, a.address());
                    out.add(' ');
                    lower(out, d.index(), 2);
                    out.add(' ');
                    lower(out, a.prefixBits(), 2);
                    out.add(a.address().isLoopback() ? " 10 80 " : " 00 80 ");
                    for (int i = d.name().length(); i < 8; i++) {
                        out.add(' ');
                    }
                    out.add(d.name()).add('\n');
                }
            }
        }
    }

    private static void routes6(InternetStack stack, TextBuffer out) {
        unreachable6(out);
        for (Route r : stack.routes().routes()) {
            if (!r.prefix().isV4()) {
                hex6(out, r.prefix());
                out.add(' ');
                lower(out, r.prefixBits(), 2);
                out.add(' ');
                hex6(out, IpAddress.ANY6);
                out.add(" 00 ");
                IpAddress gateway = r.gateway();
                hex6(out, gateway == null ? IpAddress.ANY6 : gateway);
                out.add(' ');
                lower(out, r.priority(), 8);
                boolean isLocal = r.type() == Netlink.RTN_LOCAL;
                out.add(" 00000002 00000000 ").add(isLocal ? "80200001" : "00000001");
                out.add("       ").add(r.output().name()).add('\n');
            }
        }
        unreachable6(out);
    }

    private static void unreachable6(TextBuffer out) {
        hex6(out, IpAddress.ANY6);
        out.add(" 00 ");
        hex6(out, IpAddress.ANY6);
        out.add(" 00 ");
        hex6(out, IpAddress.ANY6);
        out.add(" ffffffff 00000001 00000000 00200200       lo\n");
    }

    // Counters.

    private static final Counter[] IP = {
        Counter.IP_IN_RECEIVES, Counter.IP_IN_HEADER_ERRORS, Counter.IP_IN_ADDRESS_ERRORS
    };

    private static void counters(InternetStack stack, TextBuffer out) {
        String[] lines = NetTexts.SNMP.split("\n");
        out.add(lines[0]).add('\n').add("Ip: 2 ").add(stack.settings().defaultTtl);
        for (Counter c : IP) {
            out.add(' ').add(stack.counted(c));
        }
        out.add(" 0 ").add(stack.counted(Counter.IP_IN_UNKNOWN_PROTOCOLS)).add(" 0 ");
        out.add(stack.counted(Counter.IP_IN_DELIVERS)).add(' ');
        long sent = stack.counted(Counter.IP_OUT_REQUESTS);
        out.add(sent).add(" 0 ").add(stack.counted(Counter.IP_OUT_NO_ROUTES));
        out.add(" 0 0 0 0 0 0 0 ").add(sent).add('\n');
        out.add(lines[2]).add("\nIcmp: ");
        out.add(stack.counted(Counter.ICMP_IN_MESSAGES)).add(" 0 0 ");
        out.add(stack.counted(Counter.ICMP_IN_DESTINATION_UNREACHABLE)).add(" 0 0 0 0 ");
        out.add(stack.counted(Counter.ICMP_IN_ECHOS)).add(' ');
        out.add(stack.counted(Counter.ICMP_IN_ECHO_REPLIES)).add(" 0 0 0 0 ");
        out.add(stack.counted(Counter.ICMP_OUT_MESSAGES)).add(" 0 0 0 ");
        out.add(stack.counted(Counter.ICMP_OUT_DESTINATION_UNREACHABLE)).add(" 0 0 0 0 0 ");
        out.add(stack.counted(Counter.ICMP_OUT_ECHO_REPLIES)).add(" 0 0 0 0\n");
        tcpCounters(stack, lines[4], out);
        out.add(lines[6])
                .add("\nUdp: ")
                .add(stack.counted(Counter.UDP_IN_DATAGRAMS))
                .add(' ');
        out.add(stack.counted(Counter.UDP_NO_PORTS)).add(' ');
        out.add(stack.counted(Counter.UDP_IN_ERRORS)).add(' ');
        out.add(stack.counted(Counter.UDP_OUT_DATAGRAMS)).add(' ');
        out.add(stack.counted(Counter.UDP_RECEIVE_BUFFER_ERRORS)).add(" 0 0 0 0\n");
        out.add(lines[8]).add('\n').add(lines[9]).add('\n');
    }

    private static void tcpCounters(InternetStack stack, String names, TextBuffer out) {
        int established = 0;
        for (TcpRow r : stack.tcp().rows()) {
            boolean counts = r.state() == Inet.TCP_ESTABLISHED || r.state() == Inet.TCP_CLOSE_WAIT;
            established += counts ? 1 : 0;
        }
        out.add(names).add("\nTcp: 1 200 120000 -1 ");
        out.add(stack.counted(Counter.TCP_ACTIVE_OPENS)).add(' ');
        out.add(stack.counted(Counter.TCP_PASSIVE_OPENS)).add(' ');
        out.add(stack.counted(Counter.TCP_ATTEMPT_FAILS)).add(' ');
        out.add(stack.counted(Counter.TCP_ESTABLISHED_RESETS)).add(' ');
        out.add(established).add(' ');
        out.add(stack.counted(Counter.TCP_IN_SEGMENTS)).add(' ');
        out.add(stack.counted(Counter.TCP_OUT_SEGMENTS)).add(' ');
        out.add(stack.counted(Counter.TCP_RETRANSMITTED_SEGMENTS)).add(' ');
        out.add(stack.counted(Counter.TCP_IN_ERRORS)).add(' ');
        out.add(stack.counted(Counter.TCP_OUT_RESETS)).add(" 0\n");
    }
}
