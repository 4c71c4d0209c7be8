// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.ip;

/** The headers of IPv4 (RFC 791, 3.1) and IPv6 (RFC 8200, 3). */
public final class IpHeader {

    public static final int V4_BYTES = 20;
    public static final int V6_BYTES = 40;

    /** Largest payload of either, bytes. */
    public static final int LENGTH_MAX = 65535;

    private static final int DONT_FRAGMENT = 0x4000;
    private static final int FRAGMENT_MASK = 0x3fff; // more fragments, and the offset
    private static final int SOURCE4 = 12;
    private static final int DESTINATION4 = 16;
    private static final int SOURCE6 = 8;
    private static final int DESTINATION6 = 24;

    private IpHeader() {}

    /** Bytes of the header before a transport header for an address. */
    public static int length(IpAddress address) {
        return address.isV4() ? V4_BYTES : V6_BYTES;
    }

    /** Puts a header before the transport's. */
    public static void writeV4(Packet p, int identification) {
        byte[] h = p.header;
        int at = p.headerStart - V4_BYTES;
        p.headerStart = at;
        h[at] = 0x45;
        h[at + 1] = (byte) p.trafficClass;
        Bytes.putInt16(h, at + 2, p.length());
        Bytes.putInt16(h, at + 4, identification);
        Bytes.putInt16(h, at + 6, DONT_FRAGMENT);
        h[at + 8] = (byte) p.ttl;
        h[at + 9] = (byte) p.protocol;
        Bytes.putInt16(h, at + 10, 0);
        Bytes.putInt32(h, at + SOURCE4, p.source.v4Bits());
        Bytes.putInt32(h, at + DESTINATION4, p.destination.v4Bits());
        Bytes.putInt16(h, at + 10, Checksum.of(h, at, V4_BYTES));
    }

    /** Puts a header before the transport's. */
    public static void writeV6(Packet p) {
        byte[] h = p.header;
        int payload = p.length();
        int at = p.headerStart - V6_BYTES;
        p.headerStart = at;
        Bytes.putInt32(h, at, 6 << 28 | (p.trafficClass & 0xff) << 20);
        Bytes.putInt16(h, at + 4, payload);
        h[at + 6] = (byte) p.protocol;
        h[at + 7] = (byte) p.ttl;
        p.source.writeV6(h, at + SOURCE6);
        p.destination.writeV6(h, at + DESTINATION6);
    }

    /**
     * Reads a header into the packet's fields.
     *
     * @return false if it is not one, or of a fragment
     */
    public static boolean readV4(Packet p) {
        byte[] h = p.header;
        int at = p.headerStart;
        int total = p.length();
        if (h.length - at < V4_BYTES || h[at] >>> 4 != 4) {
            return false;
        }
        int headerLength = (h[at] & 15) * 4;
        if (headerLength < V4_BYTES
                || h.length - at < headerLength
                || Bytes.int16(h, at + 2) != total
                || (Bytes.int16(h, at + 6) & FRAGMENT_MASK) != 0
                || Checksum.of(h, at, headerLength) != 0) {
            return false;
        }
        p.trafficClass = h[at + 1] & 0xff;
        p.ttl = h[at + 8] & 0xff;
        p.protocol = h[at + 9] & 0xff;
        p.source = readV4(p.source, h, at + SOURCE4);
        p.destination = readV4(p.destination, h, at + DESTINATION4);
        p.transportStart = at + headerLength;
        return true;
    }

    /** The address at an index: the one guessed if it is that. */
    private static IpAddress readV4(IpAddress guess, byte[] from, int index) {
        int bits = Bytes.int32(from, index);
        return guess.isV4() && guess.v4Bits() == bits ? guess : IpAddress.v4(bits);
    }

    /** Reads a header; false if it is not one. Extension headers are not known. */
    public static boolean readV6(Packet p) {
        byte[] h = p.header;
        int at = p.headerStart;
        if (h.length - at < V6_BYTES
                || (h[at] & 0xff) >>> 4 != 6
                || Bytes.int16(h, at + 4) != p.length() - V6_BYTES) {
            return false;
        }
        p.trafficClass = Bytes.int32(h, at) >>> 20 & 0xff;
        p.protocol = h[at + 6] & 0xff;
        p.ttl = h[at + 7] & 0xff;
        p.source = readV6(p.source, h, at + SOURCE6);
        p.destination = readV6(p.destination, h, at + DESTINATION6);
        p.transportStart = at + V6_BYTES;
        return true;
    }

    private static IpAddress readV6(IpAddress guess, byte[] from, int index) {
        long high = Bytes.int64(from, index);
        long low = Bytes.int64(from, index + 8);
        return guess.high() == high && guess.low() == low ? guess : IpAddress.v6(high, low);
    }
}
