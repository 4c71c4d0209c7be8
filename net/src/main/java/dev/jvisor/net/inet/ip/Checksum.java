// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.ip;

/** The checksum of the Internet protocols (RFC 1071). */
public final class Checksum {

    private Checksum() {}

    /**
     * Adds bytes to a sum. A stretch that is followed by another one has an even length.
     *
     * @param sum of what came before, 0 at the start
     */
    public static long add(long sum, byte[] data, int index, int length) {
        long total = sum;
        int at = index;
        int end = index + (length & ~3);
        for (; at < end; at += 4) {
            total += Bytes.int32(data, at) & 0xffffffffL;
        }
        if ((length & 2) != 0) {
            total += Bytes.int16(data, at);
            at += 2;
        }
        if ((length & 1) != 0) {
            total += (data[at] & 0xff) << 8;
        }
        return total;
    }

    /** Adds the pseudo header (RFC 9293, 3.1; RFC 8200, 8.1). */
    public static long addPseudoHeader(
            long sum, IpAddress source, IpAddress destination, int protocol, int length) {
        return addAddress(addAddress(sum, source), destination) + protocol + length;
    }

    private static long addAddress(long sum, IpAddress address) {
        if (address.isV4()) {
            return sum + (address.v4Bits() & 0xffffffffL);
        }
        return sum
                + (address.high() >>> 32)
                + (address.high() & 0xffffffffL)
                + (address.low() >>> 32)
                + (address.low() & 0xffffffffL);
    }

    /** The checksum field for a sum: 0 if the sum was over data with a right checksum in it. */
    public static int finish(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) ~folded & 0xffff;
    }

    /** The checksum field for bytes alone. */
    public static int of(byte[] data, int index, int length) {
        return finish(add(0, data, index, length));
    }
}
