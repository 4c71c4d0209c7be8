// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.strace;

import dev.jvisor.mm.usercopy.UserMemory;

import java.nio.charset.StandardCharsets;

/** A few pages of guest memory at {@link #BASE}; everything else cannot be accessed. */
final class FakeMemory implements UserMemory {

    static final long BASE = 0x7f00_0000_0000L;

    private final byte[] bytes = new byte[4 * 4096];
    private int used;

    /** Stores a string with its NUL; returns its address. */
    long string(String text) {
        return bytes((text + '\0').getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Stores bytes; returns their address. */
    long bytes(byte... data) {
        used = used + 7 & -8;
        long address = BASE + used;
        System.arraycopy(data, 0, bytes, used, data.length);
        used += data.length;
        return address;
    }

    /** Stores 64-bit words; returns the address of the first. */
    long words(long... words) {
        byte[] data = new byte[words.length * 8];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (words[i / 8] >>> 8 * (i % 8));
        }
        return bytes(data);
    }

    /** Stores a string without NUL so that it ends where memory ends; returns its address. */
    long stringAtEnd(String text) {
        byte[] data = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(data, 0, bytes, bytes.length - data.length, data.length);
        return BASE + bytes.length - data.length;
    }

    @Override
    public int copyInPartial(long address, byte[] destination, int index, int length) {
        long at = address - BASE;
        if (at < 0 || at >= bytes.length) {
            return 0;
        }
        int n = (int) Math.min(length, bytes.length - at);
        System.arraycopy(bytes, (int) at, destination, index, n);
        return n;
    }

    private static AssertionError unexpected() {
        return new AssertionError("strace only reads, and only what may be missing");
    }

    @Override
    public void copyIn(long address, byte[] destination, int index, int length) {
        throw unexpected();
    }

    @Override
    public void copyOut(long address, byte[] source, int index, int length) {
        throw unexpected();
    }

    @Override
    public int copyOutPartial(long address, byte[] source, int index, int length) {
        throw unexpected();
    }

    @Override
    public byte getByte(long address) {
        throw unexpected();
    }

    @Override
    public int getInt(long address) {
        throw unexpected();
    }

    @Override
    public long getLong(long address) {
        throw unexpected();
    }

    @Override
    public void putByte(long address, byte value) {
        throw unexpected();
    }

    @Override
    public void putInt(long address, int value) {
        throw unexpected();
    }

    @Override
    public void putLong(long address, long value) {
        throw unexpected();
    }

    @Override
    public void zero(long address, long length) {
        throw unexpected();
    }

    @Override
    public byte[] copyInString(long address, int maxLength) {
        throw unexpected();
    }
}
