// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm.usercopy;

import dev.jvisor.platform.memory.MemoryFile;

import java.util.Arrays;

/** An {@link IovIter} over an array of the Sentry. */
final class ArrayIovIter extends IovIter {

    private final byte[] array;
    private final int start;
    private int position;
    private int end;

    ArrayIovIter(byte[] array, int index, int length) {
        this.array = array;
        this.start = index;
        this.position = index;
        this.end = index + length;
    }

    @Override
    public long remaining() {
        return end - position;
    }

    @Override
    public int copyTo(byte[] source, int index, int length) {
        int n = Math.min(length, end - position);
        System.arraycopy(source, index, array, position, n);
        position += n;
        return n;
    }

    @Override
    public int copyFrom(byte[] destination, int index, int length) {
        int n = Math.min(length, end - position);
        System.arraycopy(array, position, destination, index, n);
        position += n;
        return n;
    }

    @Override
    public long copyToFromMemory(MemoryFile memory, long memoryOffset, long length) {
        int n = (int) Math.min(length, end - position);
        memory.get(memoryOffset, array, position, n);
        position += n;
        return n;
    }

    @Override
    public long copyFromToMemory(MemoryFile memory, long memoryOffset, long length) {
        int n = (int) Math.min(length, end - position);
        memory.put(memoryOffset, array, position, n);
        position += n;
        return n;
    }

    @Override
    public long zero(long length) {
        int n = (int) Math.min(length, end - position);
        Arrays.fill(array, position, position + n, (byte) 0);
        position += n;
        return n;
    }

    @Override
    public long spanAddress(long maxLength, boolean forWrite) {
        return 0;
    }

    @Override
    public long spanLength() {
        return 0;
    }

    @Override
    public void advance(long count) {
        position = (int) Math.min(end, position + count);
    }

    @Override
    public void revert(long count) {
        position = (int) Math.max(start, position - count);
    }

    @Override
    public void truncate(long count) {
        end = (int) Math.min(end, position + count);
    }
}
