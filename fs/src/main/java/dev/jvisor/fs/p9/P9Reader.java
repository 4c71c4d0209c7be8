// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.p9;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Takes apart a message body. Every method throws if the message ends too early. */
public final class P9Reader {

    private byte[] data = {};
    private int position;
    private int end;

    public P9Reader() {}

    /** Starts reading at a range of an array. */
    public P9Reader(byte[] data, int start, int length) {
        reset(data, start, length);
    }

    /** Starts reading at a range of an array. */
    public void reset(byte[] data, int start, int length) {
        Objects.checkFromIndexSize(start, length, data.length);
        this.data = data;
        this.position = start;
        this.end = start + length;
    }

    /** Returns how many bytes are left. */
    public int remaining() {
        return end - position;
    }

    /** Returns the index in the array of the next byte. */
    public int position() {
        return position;
    }

    private int take(int count) throws P9FormatException {
        if (count < 0 || count > end - position) {
            throw new P9FormatException("message too short");
        }
        int at = position;
        position += count;
        return at;
    }

    public int u8() throws P9FormatException {
        return data[take(1)] & 0xff;
    }

    public int u16() throws P9FormatException {
        int at = take(2);
        return data[at] & 0xff | (data[at + 1] & 0xff) << 8;
    }

    public int i32() throws P9FormatException {
        int at = take(4);
        return data[at] & 0xff
                | (data[at + 1] & 0xff) << 8
                | (data[at + 2] & 0xff) << 16
                | data[at + 3] << 24;
    }

    public long i64() throws P9FormatException {
        long low = i32() & 0xffffffffL;
        return low | (long) i32() << 32;
    }

    /** A string of bytes, one char for each. */
    public String string() throws P9FormatException {
        int length = u16();
        int at = take(length);
        return new String(data, at, length, StandardCharsets.ISO_8859_1);
    }

    /** {@code count[4] data[count]}. */
    public byte[] bytes() throws P9FormatException {
        int length = i32();
        int at = take(length);
        byte[] result = new byte[length];
        System.arraycopy(data, at, result, 0, length);
        return result;
    }

    /** Checks that nothing is left. */
    public void end() throws P9FormatException {
        if (position != end) {
            throw new P9FormatException("message too long");
        }
    }
}
