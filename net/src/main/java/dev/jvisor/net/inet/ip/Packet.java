// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.ip;

import dev.jvisor.net.inet.link.NetInterface;

import org.jspecify.annotations.Nullable;

/**
 * A packet on its way through the stack (Linux: {@code struct sk_buff}).
 *
 * <p>Headers are bytes of their own, written from the end of {@link #header} towards its start; the
 * payload is a part of an array that is never changed once it is in a packet, so that the sender's
 * queue, copies and the receiver share it. The other fields are what a layer found out for the next
 * one.
 */
public final class Packet {

    /** Bytes for the longest headers: IPv6 and TCP with options. */
    public static final int HEADER_BYTES_MAX = 40 + 60;

    private static final byte[] NOTHING = {};

    /** The headers: {@link #headerStart} to the end. */
    public final byte[] header;

    public int headerStart;

    /** Where the transport's header begins in {@link #header}. */
    public int transportStart;

    public final byte[] payload;
    public final int payloadStart;
    public final int payloadLength;

    /** Transport protocol, {@code IPPROTO_*}. */
    public int protocol;

    public IpAddress source;
    public IpAddress destination;
    public int ttl;
    public int trafficClass;

    /** Where it came in. */
    public @Nullable NetInterface input;

    /**
     * Whether transport checksums need no look because the packet never left this machine (Linux:
     * {@code CHECKSUM_PARTIAL}).
     */
    public boolean isChecksumTrusted;

    /** What a transport wants to know again when the packet had to wait. */
    public @Nullable Object target;

    /** When it came in, nanoseconds since 1970, 0 if nobody asked. */
    public long timestampNanos;

    /**
     * A packet with room for the headers.
     *
     * @param headerLength bytes of all headers
     */
    public Packet(
            int headerLength,
            byte[] payload,
            int payloadStart,
            int payloadLength,
            IpAddress source,
            IpAddress destination) {
        this.header = new byte[headerLength];
        this.headerStart = headerLength;
        this.transportStart = headerLength;
        this.payload = payload;
        this.payloadStart = payloadStart;
        this.payloadLength = payloadLength;
        this.source = source;
        this.destination = destination;
    }

    private Packet(Packet other) {
        this.header = other.header.clone();
        this.headerStart = other.headerStart;
        this.transportStart = other.transportStart;
        this.payload = other.payload;
        this.payloadStart = other.payloadStart;
        this.payloadLength = other.payloadLength;
        this.source = other.source;
        this.destination = other.destination;
        this.protocol = other.protocol;
        this.ttl = other.ttl;
        this.trafficClass = other.trafficClass;
        this.input = other.input;
        this.isChecksumTrusted = other.isChecksumTrusted;
        this.timestampNanos = other.timestampNanos;
    }

    /** A packet of bytes that came from outside: all of them are header until they are parsed. */
    public static Packet received(byte[] bytes) {
        Packet p = new Packet(bytes);
        return p;
    }

    private Packet(byte[] bytes) {
        this.header = bytes;
        this.payload = NOTHING;
        this.payloadStart = 0;
        this.payloadLength = 0;
        this.source = IpAddress.ANY4;
        this.destination = IpAddress.ANY4;
    }

    /** Another packet with the same payload and headers of its own. */
    public Packet copy() {
        return new Packet(this);
    }

    /** Bytes of headers and payload. */
    public int length() {
        return header.length - headerStart + payloadLength;
    }

    /** Bytes of the transport's header and the payload. */
    public int transportLength() {
        return header.length - transportStart + payloadLength;
    }

    /** Copies bytes from an offset behind {@link #transportStart} on. */
    public void copyTransport(int offset, byte[] to, int index, int count) {
        copyFrom(transportStart + offset, to, index, count);
    }

    /** Copies bytes from an index of {@link #header} on, which may go on into the payload. */
    public void copyFrom(int headerIndex, byte[] to, int index, int count) {
        int inHeader = Math.max(0, Math.min(count, header.length - headerIndex));
        if (inHeader > 0) {
            System.arraycopy(header, headerIndex, to, index, inHeader);
        }
        if (count > inHeader) {
            int skip = Math.max(0, headerIndex - header.length);
            System.arraycopy(payload, payloadStart + skip, to, index + inHeader, count - inHeader);
        }
    }

    /** Sum of the transport's bytes with the pseudo header: 0 after finishing if it is right. */
    public int transportChecksum() {
        int length = transportLength();
        long sum = Checksum.addPseudoHeader(0, source, destination, protocol, length);
        int headerLength = header.length - transportStart;
        sum = Checksum.add(sum, header, transportStart, headerLength);
        if ((headerLength & 1) != 0) {
            byte[] all = new byte[length];
            copyTransport(0, all, 0, length);
            return Checksum.finish(Checksum.add(
                    Checksum.addPseudoHeader(0, source, destination, protocol, length),
                    all,
                    0,
                    length));
        }
        return Checksum.finish(Checksum.add(sum, payload, payloadStart, payloadLength));
    }
}
