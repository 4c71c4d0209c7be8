// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.netlink;

import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.platform.abi.LittleEndian;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Lays a message of netlink(7) out: header, fixed part, attributes. */
final class MessageWriter {

    static final int HEADER_BYTES = 16;
    private static final int ATTRIBUTE_BYTES = 4;

    private byte[] bytes = new byte[256];
    private int length = HEADER_BYTES;

    MessageWriter(int type, int flags, int sequence, int port) {
        LittleEndian.putShort(bytes, 4, type);
        LittleEndian.putShort(bytes, 6, flags);
        LittleEndian.putInt(bytes, 8, sequence);
        LittleEndian.putInt(bytes, 12, port);
    }

    private int reserve(int count) {
        int at = length;
        length += count;
        if (length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length, 2 * bytes.length));
        }
        return at;
    }

    MessageWriter int8(int value) {
        bytes[reserve(1)] = (byte) value;
        return this;
    }

    MessageWriter int16(int value) {
        LittleEndian.putShort(bytes, reserve(2), value);
        return this;
    }

    /** A 16-bit number in network order. */
    MessageWriter port(int value) {
        return int8(value >>> 8).int8(value);
    }

    MessageWriter int32(int value) {
        LittleEndian.putInt(bytes, reserve(4), value);
        return this;
    }

    MessageWriter raw(byte[] value) {
        System.arraycopy(value, 0, bytes, reserve(value.length), value.length);
        return this;
    }

    /** An address in sixteen bytes, an IPv4 one in the first four. */
    MessageWriter address16(IpAddress address, boolean isV4) {
        int at = reserve(16);
        if (isV4) {
            address.write(bytes, at);
        } else {
            address.writeV6(bytes, at);
        }
        return this;
    }

    MessageWriter attribute(int type, byte[] value) {
        int at = reserve(ATTRIBUTE_BYTES + (value.length + 3 & ~3));
        LittleEndian.putShort(bytes, at, ATTRIBUTE_BYTES + value.length);
        LittleEndian.putShort(bytes, at + 2, type);
        System.arraycopy(value, 0, bytes, at + ATTRIBUTE_BYTES, value.length);
        return this;
    }

    MessageWriter attribute8(int type, int value) {
        return attribute(type, new byte[] {(byte) value});
    }

    MessageWriter attribute32(int type, int value) {
        byte[] raw = new byte[4];
        LittleEndian.putInt(raw, 0, value);
        return attribute(type, raw);
    }

    MessageWriter attribute(int type, String value) {
        return attribute(type, (value + '\0').getBytes(StandardCharsets.ISO_8859_1));
    }

    MessageWriter attribute(int type, IpAddress value) {
        byte[] raw = new byte[value.length()];
        value.write(raw, 0);
        return attribute(type, raw);
    }

    /** The message, its length filled in. */
    byte[] finish() {
        LittleEndian.putInt(bytes, 0, length);
        return Arrays.copyOf(bytes, length + 3 & ~3);
    }
}
