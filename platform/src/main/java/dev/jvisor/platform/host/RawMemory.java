// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Loads and stores at absolute addresses of this process. For module {@code platform} only: nothing here
 * checks an address, so every caller holds bounds of its own ({@link NativeBuffer}, {@code MemoryFile}).
 */
public final class RawMemory {

    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private RawMemory() {}

    /** Handles for atomic access; apart, because most starts need none of them. */
    private static final class Atomics {
        static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    }

    public static byte getByte(long address) {
        return ALL.get(BYTE, address);
    }

    public static void putByte(long address, byte value) {
        ALL.set(BYTE, address, value);
    }

    public static short getShort(long address) {
        return ALL.get(SHORT, address);
    }

    public static void putShort(long address, short value) {
        ALL.set(SHORT, address, value);
    }

    public static int getInt(long address) {
        return ALL.get(INT, address);
    }

    public static void putInt(long address, int value) {
        ALL.set(INT, address, value);
    }

    public static long getLong(long address) {
        return ALL.get(LONG, address);
    }

    public static void putLong(long address, long value) {
        ALL.set(LONG, address, value);
    }

    /** Reads an int at a multiple of 4 with acquire ordering. */
    public static int getIntAcquire(long address) {
        return (int) Atomics.INT.getAcquire(ALL, address);
    }

    /** Writes an int at a multiple of 4 with release ordering. */
    public static void putIntRelease(long address, int value) {
        Atomics.INT.setRelease(ALL, address, value);
    }

    /** Compares and exchanges an int at a multiple of 4; returns the witness value. */
    public static int compareAndExchangeInt(long address, int expected, int value) {
        return (int) Atomics.INT.compareAndExchange(ALL, address, expected, value);
    }

    /** Copies {@code length} bytes into an array. */
    public static void get(long address, byte[] destination, int index, int length) {
        MemorySegment.copy(ALL, BYTE, address, destination, index, length);
    }

    /** Copies {@code length} bytes from an array. */
    public static void put(long address, byte[] source, int index, int length) {
        MemorySegment.copy(source, index, ALL, BYTE, address, length);
    }

    /** Copies {@code length} bytes; the ranges may overlap. */
    public static void copy(long from, long to, long length) {
        MemorySegment.copy(ALL, from, ALL, to, length);
    }

    /** Stores {@code length} bytes of one value. */
    public static void fill(long address, long length, byte value) {
        ALL.asSlice(address, length).fill(value);
    }
}
