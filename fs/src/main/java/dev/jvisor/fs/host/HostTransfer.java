// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.host;

import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.HostFiles;
import dev.jvisor.platform.host.NativeBuffer;

/**
 * Moves bytes between an iterator's memory and host files at an offset: by the host itself where
 * the memory has an address, else through a buffer.
 */
public final class HostTransfer {

    /** Most bytes of one host call (fs.h: MAX_RW_COUNT). */
    static final long MAX_RW_COUNT = 0x7ffff000L;

    /**
     * Bytes that go through this thread's scratch block at once; leaves room behind for other
     * arguments.
     */
    static final int BUFFER_SIZE = 8 * 1024 - 64;

    private HostTransfer() {}

    /**
     * Reads a regular file.
     *
     * @return bytes read; fewer than wanted at the end of the file or of accessible memory
     */
    public static long readAt(int fd, IovIter destination, long offset) throws ErrnoException {
        long total = 0;
        try {
            while (destination.remaining() > 0 && total < MAX_RW_COUNT) {
                long want = Math.min(destination.remaining(), MAX_RW_COUNT - total);
                long address = destination.spanAddress(want, true);
                long n;
                if (address != 0) {
                    want = destination.spanLength();
                    n = HostFiles.pread(fd, address, want, offset + total);
                    destination.advance(n);
                } else {
                    want = Math.min(want, BUFFER_SIZE);
                    n = readBuffered(fd, destination, (int) want, offset + total);
                }
                total += n;
                if (n < want) {
                    break;
                }
            }
        } catch (ErrnoException e) {
            if (total == 0) {
                throw e;
            }
        }
        return total;
    }

    private static long readBuffered(int fd, IovIter destination, int length, long offset)
            throws ErrnoException {
        NativeBuffer b = NativeBuffer.scratch();
        int n = (int) HostFiles.pread(fd, b.address(), length, offset);
        return n == 0 ? 0 : copyTo(destination, b, n);
    }

    /** Copies what a host call left in the scratch block. */
    static int copyTo(IovIter destination, NativeBuffer buffer, int count) throws ErrnoException {
        // Out of the scratch block first: a fault taken by the copy may use it.
        byte[] bytes = new byte[count];
        buffer.get(0, bytes, 0, count);
        return destination.copyTo(bytes, 0, count);
    }

    /**
     * Writes a regular file.
     *
     * @return bytes written; fewer than wanted where memory cannot be read or the host has no room
     */
    public static long writeAt(int fd, IovIter source, long offset) throws ErrnoException {
        long total = 0;
        try {
            while (source.remaining() > 0 && total < MAX_RW_COUNT) {
                long want = Math.min(source.remaining(), MAX_RW_COUNT - total);
                long address = source.spanAddress(want, false);
                long n;
                if (address != 0) {
                    want = source.spanLength();
                    n = HostFiles.pwrite(fd, address, want, offset + total);
                    source.advance(n);
                } else {
                    int got = copyFrom(source, (int) Math.min(want, BUFFER_SIZE));
                    want = got;
                    n = HostFiles.pwrite(fd, NativeBuffer.scratch().address(), got, offset + total);
                    if (n < got) {
                        source.revert(got - n);
                    }
                }
                total += n;
                if (n < want || n == 0) {
                    break;
                }
            }
        } catch (ErrnoException e) {
            if (total == 0) {
                throw e;
            }
        }
        return total;
    }

    /** Copies bytes to be written to the start of the scratch block; returns how many. */
    static int copyFrom(IovIter source, int length) throws ErrnoException {
        byte[] bytes = new byte[length];
        int n = source.copyFrom(bytes, 0, length);
        NativeBuffer.scratch().put(0, bytes, 0, n);
        return n;
    }
}
