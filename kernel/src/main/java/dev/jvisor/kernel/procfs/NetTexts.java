// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.kernfs.TextBuffer;

/** The tables of {@code /proc/net} of a network without interfaces and sockets. */
public interface NetTexts {

    /** The tables of a network without interfaces and sockets. */
    NetTexts HEADERS = NetTexts::header;

    /**
     * Writes a table.
     *
     * @param name {@code dev}, {@code tcp}, …
     * @return false if it does not know the table: then the one of an empty network is shown
     */
    boolean write(String name, TextBuffer out);

    private static boolean header(String name, TextBuffer out) {
        out.add(
                switch (name) {
                    case "arp" ->
                        "IP address       HW type     Flags       HW "
                                + "address            Mask     Device\n";
                    case "dev" -> """
                Inter-|   Receive                                                |  Transmit
                 face |bytes    packets errs drop fifo frame compressed multicast|bytes    \
                packets errs drop fifo colls carrier compressed
                    lo:       0       0    0    0    0     0          0         0        0       \
                0    0    0    0     0       0          0
                """;
                    case "igmp" ->
                        "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n";
                    case "netlink" ->
                        "sk               Eth Pid        Groups   "
                                + "Rmem     Wmem     Dump  Locks    Drops"
                                + "    Inode\n";
                    case "packet" ->
                        "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n";
                    case "protocols" ->
                        "protocol  size sockets  memory press maxhdr  "
                                + "slab module     cl co di ac io in de"
                                + " sh ss gs se re bi br ha uh gp em\n";
                    case "psched" -> "000003e8 00000040 000f4240 3b9aca00\n";
                    case "ptype" -> "Type Device      Function\n";
                    case "raw", "udp", "udplite" ->
                        "   sl  local_address rem_address   st "
                                + "tx_queue rx_queue tr tm->when retrnsmt"
                                + "   uid  timeout inode ref pointer drops            \n";
                    case "raw6", "udp6", "udplite6" ->
                        "  sl  local_address                         "
                                + "remote_address                      "
                                + "  st tx_queue rx_queue tr tm->when "
                                + "retrnsmt   uid  timeout inode ref"
                                + " pointer drops\n";
                    case "route" -> route();
                    case "snmp" -> SNMP;
                    case "netstat" ->
                        "TcpExt: SyncookiesSent\nTcpExt: 0\nIpExt: InNoRoutes\nIpExt: 0\n";
                    case "sockstat" -> SOCKSTAT;
                    case "sockstat6" -> SOCKSTAT6;
                    case "tcp" ->
                        "  sl  local_address rem_address   st "
                                + "tx_queue rx_queue tr tm->when retrnsmt"
                                + "   uid  timeout inode                    "
                                + "                             "
                                + "    \n";
                    case "tcp6" ->
                        "  sl  local_address                         "
                                + "remote_address                      "
                                + "  st tx_queue rx_queue tr tm->when "
                                + "retrnsmt   uid  timeout inode\n";
                    case "unix" -> "Num       RefCount Protocol Flags    Type St Inode Path\n";
                    default -> "";
                });
        return true;
    }

    private static String route() {
        return "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT"
                + "                                                       \n";
    }

    String SNMP = """
            Ip: Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams \
            InUnknownProtos InDiscards InDelivers OutRequests OutDiscards OutNoRoutes \
            ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs FragFails FragCreates OutTransmits
            Ip: 2 64 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
            Icmp: InMsgs InErrors InCsumErrors InDestUnreachs InTimeExcds InParmProbs \
            InSrcQuenchs InRedirects InEchos InEchoReps InTimestamps InTimestampReps InAddrMasks \
            InAddrMaskReps OutMsgs OutErrors OutRateLimitGlobal OutRateLimitHost OutDestUnreachs \
            OutTimeExcds OutParmProbs OutSrcQuenchs OutRedirects OutEchos OutEchoReps \
            OutTimestamps OutTimestampReps OutAddrMasks OutAddrMaskReps
            Icmp: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
            Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails \
            EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors
            Tcp: 1 200 120000 -1 0 0 0 0 0 0 0 0 0 0 0
            Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors \
            InCsumErrors IgnoredMulti MemErrors
            Udp: 0 0 0 0 0 0 0 0 0
            UdpLite: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors \
            InCsumErrors IgnoredMulti MemErrors
            UdpLite: 0 0 0 0 0 0 0 0 0
            """;

    String SOCKSTAT = """
            sockets: used 0
            TCP: inuse 0 orphan 0 tw 0 alloc 0 mem 0
            UDP: inuse 0 mem 0
            UDPLITE: inuse 0
            RAW: inuse 0
            FRAG: inuse 0 memory 0
            """;

    String SOCKSTAT6 = """
            TCP6: inuse 0
            UDP6: inuse 0
            UDPLITE6: inuse 0
            RAW6: inuse 0
            FRAG6: inuse 0 memory 0
            """;
}
