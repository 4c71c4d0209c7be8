// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.memory.MemoryFile;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * Copies between guest memory and the Sentry (Linux: copy_from_user, copy_to_user).
 *
 * <p>The read lock is held while bytes move, so that nobody can unmap and free the pages meanwhile.
 * A page that is not accessible yet is made so under the write lock, as a fault of the guest would
 * do; then the copy goes on. Pages of a host file are never touched through a mapping: they are
 * read and written through the {@link Mappable}.
 */
final class UserCopy {

    /** Where the bytes of a transfer come from or go to. */
    enum Kind {
        TO_ARRAY(false),
        TO_MEMORY(false),
        FROM_ARRAY(true),
        FROM_MEMORY(true),
        FROM_ZERO(true);

        /** Whether guest memory is written. */
        final boolean write;

        Kind(boolean write) {
            this.write = write;
        }
    }

    private static final byte[] NO_BYTES = new byte[0];

    private final Space s;

    UserCopy(Space s) {
        this.s = s;
    }

    long copy(Kind kind, long address, long length, byte[] array, int index) {
        return transfer(kind, address, length, array, index, s.memory, 0);
    }

    long copy(Kind kind, long address, long length, MemoryFile memory, long memoryOffset) {
        return transfer(kind, address, length, NO_BYTES, 0, memory, memoryOffset);
    }

    long zero(long address, long length) {
        return transfer(Kind.FROM_ZERO, address, length, NO_BYTES, 0, s.memory, 0);
    }

    /** Moves bytes until all are moved or the first that cannot be accessed; returns how many. */
    private long transfer(
            Kind kind,
            long address,
            long length,
            byte[] array,
            int index,
            MemoryFile memory,
            long memoryOffset) {
        long done = 0;
        long stamp = s.lock.readLock();
        try {
            while (done < length) {
                long position = address + done;
                Piece piece = s.piece(position);
                if (piece != null && piece.allows(kind.write)) {
                    long n = Math.min(length - done, piece.end - position);
                    long offset = piece.offsetOf(position);
                    switch (kind) {
                        case TO_ARRAY -> s.memory.get(offset, array, index + (int) done, (int) n);
                        case FROM_ARRAY -> s.memory.put(offset, array, index + (int) done, (int) n);
                        case TO_MEMORY -> memory.copy(offset, memoryOffset + done, n);
                        case FROM_MEMORY -> memory.copy(memoryOffset + done, offset, n);
                        case FROM_ZERO -> s.memory.fillZero(offset, n);
                    }
                    done += n;
                    continue;
                }
                if (piece == null) {
                    long n = throughFile(
                            kind,
                            position,
                            length - done,
                            array,
                            index + (int) done,
                            memoryOffset + done);
                    if (n > 0) {
                        done += n;
                        continue;
                    }
                    if (n < 0) {
                        break;
                    }
                }
                s.lock.unlockRead(stamp);
                stamp = s.beginChange();
                boolean accessible = resolve(position, kind.write);
                stamp = s.lock.tryConvertToReadLock(stamp);
                if (!accessible) {
                    break;
                }
            }
            return done;
        } finally {
            s.lock.unlockRead(stamp);
        }
    }

    /** Makes a page accessible as a fault would. Write lock. */
    private boolean resolve(long address, boolean write) {
        switch (Faults.resolve(s, address, write)) {
            case CHANGED -> {
                if (write && s.users > 1 && s.host.hasPending()) {
                    // Another thread may be looking at the page that was there: it has to see what
                    // is
                    // written now, although nobody enters the guest for it.
                    Space.commit(s.host);
                }
                assert s.checkInvariants();
                return true;
            }
            case UNCHANGED, HOST_FILE -> {
                return true;
            }
            default -> {
                return false;
            }
        }
    }

    /**
     * Moves bytes between a mapped host file and the Sentry.
     *
     * @return bytes moved; 0 if the address is not in a part that the host file shows, or needs a
     *     private copy first; -1 if the access is an error
     */
    private long throughFile(
            Kind kind, long address, long length, byte[] array, int index, long memoryOffset) {
        Vma vma = s.vmas.at(address);
        if (vma == null || !vma.allows(kind.write) || !vma.isHostBacked()) {
            return 0;
        }
        Mappable file = vma.file;
        if (file == null || kind.write && !vma.isShared()) {
            return 0;
        }
        long wanted = Math.min(length, Faults.gapEnd(s, vma, address) - address);
        try {
            long size = file.size();
            long offset = vma.fileOffset(address);
            long readable = Space.pageUp(size) - offset;
            if (readable <= 0) {
                return -1;
            }
            wanted = Math.min(wanted, readable);
            return switch (kind) {
                case TO_ARRAY -> readFile(file, offset, array, index, (int) wanted, size);
                case FROM_ARRAY -> writeFile(file, offset, array, index, (int) wanted, size);
                default -> bounce(kind, file, offset, wanted, size, memoryOffset);
            };
        } catch (ErrnoException e) {
            return -1;
        }
    }

    /** Reads bytes of which those behind the end of the file are zero. */
    private static long readFile(
            Mappable file, long offset, byte[] array, int index, int length, long size)
            throws ErrnoException {
        int want = (int) Math.max(0, Math.min(length, size - offset));
        int done = 0;
        while (done < want) {
            int n = file.read(offset + done, array, index + done, want - done);
            if (n <= 0) {
                break;
            }
            done += n;
        }
        Arrays.fill(array, index + done, index + length, (byte) 0);
        return length;
    }

    /**
     * Writes bytes of which those behind the end of the file are lost: a mapping does not extend a
     * file.
     */
    private static long writeFile(
            Mappable file, long offset, byte[] array, int index, int length, long size)
            throws ErrnoException {
        int want = (int) Math.max(0, Math.min(length, size - offset));
        int done = 0;
        while (done < want) {
            int n = file.write(offset + done, array, index + done, want - done);
            if (n <= 0) {
                return done > 0 ? done : -1;
            }
            done += n;
        }
        return length;
    }

    private long bounce(
            Kind kind, Mappable file, long offset, long wanted, long size, long memoryOffset)
            throws ErrnoException {
        byte[] buffer = Faults.borrowBuffer();
        try {
            int n = (int) Math.min(wanted, buffer.length);
            if (kind == Kind.TO_MEMORY) {
                readFile(file, offset, buffer, 0, n, size);
                s.memory.put(memoryOffset, buffer, 0, n);
                return n;
            }
            if (kind == Kind.FROM_MEMORY) {
                s.memory.get(memoryOffset, buffer, 0, n);
            } else {
                Arrays.fill(buffer, 0, n, (byte) 0);
            }
            return writeFile(file, offset, buffer, 0, n, size);
        } finally {
            Faults.returnBuffer(buffer);
        }
    }

    /**
     * Finds where a word is in the memory file, making it accessible; the caller holds the read
     * lock.
     *
     * @return the offset, or -1 if the word is not within one piece that can be accessed now
     */
    private long wordOffset(long address, int size, boolean write) {
        Piece piece = s.piece(address);
        return piece != null && piece.allows(write) && address + size <= piece.end
                ? piece.offsetOf(address)
                : -1;
    }

    int getInt(long address) throws ErrnoException {
        long stamp = s.lock.readLock();
        try {
            long offset = wordOffset(address, Integer.BYTES, false);
            if (offset >= 0) {
                return s.memory.getInt(offset);
            }
        } finally {
            s.lock.unlockRead(stamp);
        }
        return (int) getBytes(address, Integer.BYTES);
    }

    long getLong(long address) throws ErrnoException {
        long stamp = s.lock.readLock();
        try {
            long offset = wordOffset(address, Long.BYTES, false);
            if (offset >= 0) {
                return s.memory.getLong(offset);
            }
        } finally {
            s.lock.unlockRead(stamp);
        }
        return getBytes(address, Long.BYTES);
    }

    byte getByte(long address) throws ErrnoException {
        long stamp = s.lock.readLock();
        try {
            long offset = wordOffset(address, 1, false);
            if (offset >= 0) {
                return s.memory.getByte(offset);
            }
        } finally {
            s.lock.unlockRead(stamp);
        }
        return (byte) getBytes(address, 1);
    }

    void putInt(long address, int value) throws ErrnoException {
        long stamp = s.lock.readLock();
        try {
            long offset = wordOffset(address, Integer.BYTES, true);
            if (offset >= 0) {
                s.memory.putInt(offset, value);
                return;
            }
        } finally {
            s.lock.unlockRead(stamp);
        }
        putBytes(address, value, Integer.BYTES);
    }

    void putLong(long address, long value) throws ErrnoException {
        long stamp = s.lock.readLock();
        try {
            long offset = wordOffset(address, Long.BYTES, true);
            if (offset >= 0) {
                s.memory.putLong(offset, value);
                return;
            }
        } finally {
            s.lock.unlockRead(stamp);
        }
        putBytes(address, value, Long.BYTES);
    }

    void putByte(long address, byte value) throws ErrnoException {
        putBytes(address, value, 1);
    }

    /** Reads a little-endian value that may lie in several pieces or in a file. */
    private long getBytes(long address, int size) throws ErrnoException {
        byte[] bytes = new byte[size];
        if (copy(Kind.TO_ARRAY, address, size, bytes, 0) < size) {
            throw Errno.EFAULT.exception();
        }
        long value = 0;
        for (int i = size - 1; i >= 0; i--) {
            value = value << 8 | bytes[i] & 0xff;
        }
        return value;
    }

    private void putBytes(long address, long value, int size) throws ErrnoException {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (value >>> 8 * i);
        }
        if (copy(Kind.FROM_ARRAY, address, size, bytes, 0) < size) {
            throw Errno.EFAULT.exception();
        }
    }

    int loadInt(long address) throws ErrnoException {
        checkAligned(address);
        long stamp = s.lock.readLock();
        try {
            long offset = wordOffset(address, Integer.BYTES, false);
            if (offset >= 0) {
                return s.memory.getIntVolatile(offset);
            }
        } finally {
            s.lock.unlockRead(stamp);
        }
        return (int) getBytes(address, Integer.BYTES);
    }

    private static void checkAligned(long address) throws ErrnoException {
        if ((address & Integer.BYTES - 1) != 0) {
            throw Errno.EINVAL.exception();
        }
    }

    int compareAndExchangeInt(long address, int expected, int value) throws ErrnoException {
        checkAligned(address);
        for (int attempt = 0; attempt < 2; attempt++) {
            long stamp = s.lock.readLock();
            try {
                long offset = wordOffset(address, Integer.BYTES, true);
                if (offset >= 0) {
                    return s.memory.compareAndExchangeInt(offset, expected, value);
                }
            } finally {
                s.lock.unlockRead(stamp);
            }
            stamp = s.beginChange();
            try {
                if (!resolve(address, true)) {
                    throw Errno.EFAULT.exception();
                }
            } finally {
                s.endChange(stamp);
            }
        }
        // A shared mapping of a host file: there is no atomic access to it from here.
        synchronized (this) {
            int old = (int) getBytes(address, Integer.BYTES);
            if (old == expected) {
                putBytes(address, value, Integer.BYTES);
            }
            return old;
        }
    }

    /** As {@code UserMemory.copyInString}. */
    byte[] copyInString(long address, int maxLength) throws ErrnoException {
        int limit = maxLength + 1;
        byte @Nullable [] direct = stringInOnePiece(address, limit);
        if (direct != null) {
            return direct;
        }
        byte[] bytes = new byte[Math.min(limit, 256)];
        int length = 0;
        while (length < limit) {
            // Up to the end of a page at a time: what lies behind the NUL need not be readable.
            long position = address + length;
            int n = (int)
                    Math.min(limit - length, Space.PAGE_SIZE - (position & Space.PAGE_SIZE - 1));
            if (bytes.length < length + n) {
                bytes = Arrays.copyOf(
                        bytes, Math.min(limit, Math.max(bytes.length * 2, length + n)));
            }
            int got = (int) copy(Kind.TO_ARRAY, position, n, bytes, length);
            for (int i = length; i < length + got; i++) {
                if (bytes[i] == 0) {
                    return Arrays.copyOf(bytes, i);
                }
            }
            if (got < n) {
                throw Errno.EFAULT.exception();
            }
            length += got;
        }
        throw Errno.ENAMETOOLONG.exception();
    }

    private byte @Nullable [] stringInOnePiece(long address, int limit) {
        long stamp = s.lock.readLock();
        try {
            Piece piece = s.piece(address);
            if (piece == null || !piece.allows(false)) {
                return null;
            }
            long offset = piece.offsetOf(address);
            long length = s.memory.indexOfZero(offset, Math.min(limit, piece.end - address));
            if (length < 0) {
                return null;
            }
            byte[] bytes = new byte[(int) length];
            s.memory.get(offset, bytes, 0, bytes.length);
            return bytes;
        } finally {
            s.lock.unlockRead(stamp);
        }
    }

    /**
     * Finds and pins the memory of the next bytes for a host call.
     *
     * @param span receives offset in the memory file and length; length 0 if it has no address
     * @return false if the first byte cannot be accessed
     */
    boolean pinSpan(long address, long length, boolean write, Mappable.Location span) {
        span.length = 0;
        for (int attempt = 0; attempt < 2; attempt++) {
            long stamp = s.lock.readLock();
            try {
                Piece piece = s.piece(address);
                if (piece != null && piece.allows(write)) {
                    span.offset = piece.offsetOf(address);
                    span.length = Math.min(length, piece.end - address);
                    pin(span, true);
                    return true;
                }
                Vma vma = s.vmas.at(address);
                if (piece == null
                        && vma != null
                        && vma.isHostBacked()
                        && vma.allows(write)
                        && (!write || vma.isShared())) {
                    return true;
                }
            } finally {
                s.lock.unlockRead(stamp);
            }
            stamp = s.beginChange();
            try {
                if (!resolve(address, write)) {
                    return false;
                }
            } finally {
                s.endChange(stamp);
            }
        }
        return true;
    }

    /** Adds or drops a reference of the pages that a span touches. */
    void pin(Mappable.Location span, boolean add) {
        long start = Space.pageStart(span.offset);
        long length = Space.pageUp(span.offset + span.length) - start;
        if (add) {
            s.backing.pages.retain(start, length);
        } else {
            s.backing.pages.release(start, length);
        }
    }
}
