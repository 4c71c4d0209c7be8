// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import dev.jvisor.net.inet.ip.Bytes;
import dev.jvisor.net.inet.ip.Packet;

/** The header of a segment in a packet (RFC 9293, 3.1). */
final class TcpHeader {

    static final int BYTES = 20;
    static final int BYTES_MAX = 60;

    static final int FIN = 1;
    static final int SYN = 2;
    static final int RST = 4;
    static final int PSH = 8;
    static final int ACK = 16;
    static final int URG = 32;

    private static final int SEQUENCE = 4;
    private static final int ACKNOWLEDGEMENT = 8;
    private static final int OFFSET = 12;
    private static final int FLAGS = 13;
    private static final int WINDOW = 14;
    private static final int CHECKSUM = 16;
    private static final int URGENT = 18;

    private TcpHeader() {}

    static int sourcePort(Packet p) {
        return Bytes.int16(p.header, p.transportStart);
    }

    static int destinationPort(Packet p) {
        return Bytes.int16(p.header, p.transportStart + 2);
    }

    static int sequence(Packet p) {
        return Bytes.int32(p.header, p.transportStart + SEQUENCE);
    }

    static int acknowledgement(Packet p) {
        return Bytes.int32(p.header, p.transportStart + ACKNOWLEDGEMENT);
    }

    /** Bytes of the header with options. */
    static int length(Packet p) {
        return (p.header[p.transportStart + OFFSET] >>> 4 & 15) * 4;
    }

    static int flags(Packet p) {
        return p.header[p.transportStart + FLAGS] & 0xff;
    }

    static int window(Packet p) {
        return Bytes.int16(p.header, p.transportStart + WINDOW);
    }

    static int urgentPointer(Packet p) {
        return Bytes.int16(p.header, p.transportStart + URGENT);
    }

    /** Whether the packet has a whole header. */
    static boolean isWhole(Packet p) {
        int there = p.header.length - p.transportStart;
        return there >= BYTES && length(p) >= BYTES && length(p) <= there;
    }

    /** Bytes of data in the segment. */
    static int dataLength(Packet p) {
        return p.transportLength() - length(p);
    }

    /** Sequence numbers that the segment takes. */
    static int sequenceLength(Packet p) {
        int flags = flags(p);
        return dataLength(p) + (flags & SYN) / SYN + (flags & FIN);
    }

    /** The array that holds the data: the payload, or the header of a packet from outside. */
    static byte[] dataArray(Packet p) {
        return p.payloadLength > 0 ? p.payload : p.header;
    }

    /** Where the data begins in {@link #dataArray}. */
    static int dataStart(Packet p) {
        return p.payloadLength > 0 ? p.payloadStart : p.transportStart + length(p);
    }

    /** Writes a header at the end of the packet's headers; options go behind it. */
    static void write(
            Packet p,
            int length,
            int sourcePort,
            int destinationPort,
            int sequence,
            int acknowledgement,
            int flags,
            int window) {
        int at = p.header.length - length;
        byte[] h = p.header;
        p.headerStart = at;
        p.transportStart = at;
        Bytes.putInt16(h, at, sourcePort);
        Bytes.putInt16(h, at + 2, destinationPort);
        Bytes.putInt32(h, at + SEQUENCE, sequence);
        Bytes.putInt32(h, at + ACKNOWLEDGEMENT, acknowledgement);
        h[at + OFFSET] = (byte) (length / 4 << 4);
        h[at + FLAGS] = (byte) flags;
        Bytes.putInt16(h, at + WINDOW, window);
    }

    static void setUrgent(Packet p, int pointer) {
        p.header[p.transportStart + FLAGS] |= URG;
        Bytes.putInt16(p.header, p.transportStart + URGENT, pointer);
    }

    /** Fills the checksum in, for packets that leave the machine. */
    static void setChecksum(Packet p) {
        Bytes.putInt16(p.header, p.transportStart + CHECKSUM, 0);
        Bytes.putInt16(p.header, p.transportStart + CHECKSUM, p.transportChecksum());
    }
}
