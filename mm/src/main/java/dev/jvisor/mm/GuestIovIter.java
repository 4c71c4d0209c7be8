// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.memory.MemoryFile;

import org.jspecify.annotations.Nullable;

/** An {@link IovIter} over guest memory. For one thread at a time. */
final class GuestIovIter extends IovIter {

    /** Most bytes that one call transfers. // include/linux/fs.h: MAX_RW_COUNT */
    static final long LENGTH_MAX_BYTES = 0x7ffff000L;

    /** Most segments of a vector. // include/uapi/linux/uio.h: UIO_MAXIOV */
    static final int SEGMENTS_MAX = 1024;

    private static final int IOVEC_SIZE = 16;
    private static final int IOVEC_LEN_OFFSET = 8;

    private final GuestMemory memory;

    /** Address and length of each segment, in turn. */
    private final long[] segments;

    /** Index in {@link #segments} of the current one's address; all used up if behind the end. */
    private int current;

    /** Bytes of the current segment that the cursor went over. */
    private long within;

    private long remaining;

    /** The stretch that was pinned last: guarded by {@link SpanPins} while {@link #pinned}. */
    final Mappable.Location span = new Mappable.Location();

    boolean pinned;

    private GuestIovIter(GuestMemory memory, long[] segments, long length) {
        this.memory = memory;
        this.segments = segments;
        this.remaining = length;
    }

    static GuestIovIter single(GuestMemory memory, long address, long length)
            throws ErrnoException {
        checkRange(address, length);
        long limited = Math.min(length, LENGTH_MAX_BYTES);
        return new GuestIovIter(memory, new long[] {address, limited}, limited);
    }

    static GuestIovIter vector(GuestMemory memory, long iovecAddress, int count)
            throws ErrnoException {
        if (count < 0 || count > SEGMENTS_MAX) {
            throw Errno.EINVAL.exception();
        }
        long[] segments = new long[2 * count];
        byte[] raw = new byte[IOVEC_SIZE * count];
        try {
            memory.copyIn(iovecAddress, raw, 0, raw.length);
        } catch (ErrnoException fault) {
            checkLengthsBefore(memory, iovecAddress, count);
            throw fault;
        }
        for (int i = 0; i < count; i++) {
            segments[2 * i] = littleEndianLong(raw, i * IOVEC_SIZE);
            long length = littleEndianLong(raw, i * IOVEC_SIZE + IOVEC_LEN_OFFSET);
            if (length < 0) {
                throw Errno.EINVAL.exception();
            }
            segments[2 * i + 1] = length;
        }
        if (count == 1) {
            segments[1] = Math.min(segments[1], LENGTH_MAX_BYTES); // before the check: import_ubuf
        }
        long total = 0;
        for (int i = 0; i < segments.length; i += 2) {
            checkRange(segments[i], segments[i + 1]);
            segments[i + 1] = Math.min(segments[i + 1], LENGTH_MAX_BYTES - total);
            total += segments[i + 1];
        }
        return new GuestIovIter(memory, segments, total);
    }

    /** Elements are looked at one by one: a bad length before a hole in memory counts. */
    private static void checkLengthsBefore(GuestMemory memory, long iovecAddress, int count)
            throws ErrnoException {
        byte[] raw = new byte[IOVEC_SIZE];
        for (int i = 0; i < count; i++) {
            memory.copyIn(iovecAddress + (long) i * IOVEC_SIZE, raw, 0, raw.length);
            if (littleEndianLong(raw, IOVEC_LEN_OFFSET) < 0) {
                throw Errno.EINVAL.exception();
            }
        }
    }

    /** EFAULT for a range that leaves the addresses of user code. // access_ok */
    private static void checkRange(long address, long length) throws ErrnoException {
        if (length < 0
                || length > Space.TASK_SIZE_MAX
                || Long.compareUnsigned(address, Space.TASK_SIZE_MAX - length) > 0) {
            throw Errno.EFAULT.exception();
        }
    }

    private static long littleEndianLong(byte[] bytes, int index) {
        long value = 0;
        for (int i = Long.BYTES - 1; i >= 0; i--) {
            value = value << 8 | bytes[index + i] & 0xff;
        }
        return value;
    }

    @Override
    public long remaining() {
        return remaining;
    }

    @Override
    public int copyTo(byte[] source, int index, int length) throws ErrnoException {
        return (int) transfer(UserCopy.Kind.FROM_ARRAY, length, source, index, null, 0);
    }

    @Override
    public int copyFrom(byte[] destination, int index, int length) throws ErrnoException {
        return (int) transfer(UserCopy.Kind.TO_ARRAY, length, destination, index, null, 0);
    }

    @Override
    public long copyToFromMemory(MemoryFile file, long memoryOffset, long length)
            throws ErrnoException {
        return transfer(UserCopy.Kind.FROM_MEMORY, length, null, 0, file, memoryOffset);
    }

    @Override
    public long copyFromToMemory(MemoryFile file, long memoryOffset, long length)
            throws ErrnoException {
        return transfer(UserCopy.Kind.TO_MEMORY, length, null, 0, file, memoryOffset);
    }

    @Override
    public long zero(long length) throws ErrnoException {
        return transfer(UserCopy.Kind.FROM_ZERO, length, null, 0, null, 0);
    }

    private long transfer(
            UserCopy.Kind kind,
            long length,
            byte @Nullable [] array,
            int index,
            @Nullable MemoryFile file,
            long memoryOffset)
            throws ErrnoException {
        unpin();
        UserCopy copy = memory.userCopy();
        long wanted = Math.min(length, remaining);
        long done = 0;
        while (done < wanted) {
            long n = Math.min(wanted - done, segments[current + 1] - within);
            long address = segments[current] + within;
            long moved;
            if (array != null) {
                moved = copy.copy(kind, address, n, array, index + (int) done);
            } else if (file != null) {
                moved = copy.copy(kind, address, n, file, memoryOffset + done);
            } else {
                moved = copy.zero(address, n);
            }
            done += moved;
            forward(moved);
            if (moved < n) {
                break;
            }
        }
        if (done == 0 && wanted > 0) {
            throw Errno.EFAULT.exception();
        }
        return done;
    }

    /** Moves the cursor by at most what is left of the current segment, and over empty ones. */
    private void forward(long count) {
        within += count;
        remaining -= count;
        while (current < segments.length && within == segments[current + 1]) {
            current += 2;
            within = 0;
        }
    }

    @Override
    public long spanAddress(long maxLength, boolean forWrite) throws ErrnoException {
        unpin();
        long wanted = Math.min(maxLength, remaining);
        if (wanted <= 0) {
            return 0;
        }
        forward(0);
        long n = Math.min(wanted, segments[current + 1] - within);
        if (!memory.userCopy().pinSpan(segments[current] + within, n, forWrite, span)) {
            throw Errno.EFAULT.exception();
        }
        if (span.length == 0) {
            return 0;
        }
        pinned = true;
        memory.spanPins().add(this);
        return memory.pages().memory().address(span.offset);
    }

    @Override
    public long spanLength() {
        return span.length;
    }

    private void unpin() {
        if (pinned) {
            memory.spanPins().release(this);
        }
    }

    @Override
    public void advance(long count) {
        unpin();
        long left = Math.min(count, remaining);
        while (left > 0) {
            long n = Math.min(left, segments[current + 1] - within);
            forward(n);
            left -= n;
        }
    }

    @Override
    public void revert(long count) {
        unpin();
        long left = count;
        while (left > 0) {
            if (within == 0) {
                if (current == 0) {
                    return;
                }
                current -= 2;
                within = segments[current + 1];
                continue;
            }
            long n = Math.min(left, within);
            within -= n;
            remaining += n;
            left -= n;
        }
    }

    @Override
    public void truncate(long count) {
        unpin();
        remaining = Math.min(remaining, Math.max(0, count));
    }
}
