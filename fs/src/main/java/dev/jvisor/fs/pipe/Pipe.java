// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.pipe;

import static dev.jvisor.platform.abi.Capabilities.CAP_SYS_RESOURCE;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.platform.abi.Signals;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The buffer between the ends of a pipe (Linux: {@code struct pipe_inode_info}).
 *
 * <p>A ring of slots, each a page: a write fills new slots, but its odd bytes go into the last slot
 * if they fit there as a whole, so that a write of up to a page is never split. The monitor guards
 * all fields and is held over copies from and to guest memory (it comes before the memory manager's
 * locks); the wait queue is notified after it.
 */
public final class Pipe {

    /** Bytes of a slot, also PIPE_BUF. */
    static final int SLOT_BYTES = 4096;

    /** Linux: {@code PIPE_DEF_BUFFERS}. */
    private static final int SLOTS_DEFAULT = 16;

    /** Linux: fs/pipe.c, {@code pipe_max_size}. */
    private static final int SIZE_BYTES_MAX = 1 << 20;

    private static final int READABLE = Poll.POLLIN | Poll.POLLRDNORM;
    private static final int WRITABLE = Poll.POLLOUT | Poll.POLLWRNORM;

    /**
     * Pages that all pipes may have together before each gets only one (Linux:
     * {@code pipe_user_pages_soft}): a sixteenth of the heap.
     */
    private static final long PAGES_SOFT_MAX = Runtime.getRuntime().maxMemory() / SLOT_BYTES / 16;

    private static final AtomicLong PAGES = new AtomicLong();

    private final WaitQueue queue = new WaitQueue();
    /** Pages of the slots, made when first used; null before. */
    private byte[][] pages = new byte[SLOTS_DEFAULT][];

    private int[] starts = new int[SLOTS_DEFAULT];
    private int[] lengths = new int[SLOTS_DEFAULT];

    /** Slots written as packets (O_DIRECT): nothing is appended, a read ends with them. */
    private boolean[] packets = new boolean[SLOTS_DEFAULT];

    /** First slot in use, and how many are. */
    private int first;

    private int used;
    private int readers;
    private int writers;

    /** Whether a write found no page and waits until all is read. */
    private boolean starved;

    /** How many readers and writers there ever were; FIFO opens wait for a change. */
    private int readersEver;

    private int writersEver;

    public WaitQueue waitQueue() {
        return queue;
    }

    synchronized int readers() {
        return readers;
    }

    synchronized int writers() {
        return writers;
    }

    synchronized int readersEver() {
        return readersEver;
    }

    synchronized int writersEver() {
        return writersEver;
    }

    /** An end, or both, is opened. */
    void open(boolean reads, boolean writes) {
        synchronized (this) {
            if (reads) {
                readers++;
                readersEver++;
            }
            if (writes) {
                writers++;
                writersEver++;
            }
        }
        queue.notify(READABLE | WRITABLE);
    }

    /** An end is closed; data that nobody can read any more goes with the last of both. */
    void close(boolean reads, boolean writes) {
        synchronized (this) {
            if (reads) {
                readers--;
            }
            if (writes) {
                writers--;
            }
            if (readers == 0 && writers == 0) {
                first = 0;
                used = 0;
                for (int i = 0; i < pages.length; i++) {
                    dropPage(i);
                }
            }
        }
        queue.notify(READABLE | WRITABLE | Poll.POLLHUP | Poll.POLLERR);
    }

    /** Reads what is there; 0 at the end, EAGAIN if empty while there are writers. */
    long read(IovIter destination) throws ErrnoException {
        if (destination.remaining() == 0) {
            return 0;
        }
        long total = 0;
        boolean wasFull;
        synchronized (this) {
            if (used == 0) {
                if (writers == 0) {
                    return 0;
                }
                throw Errno.EAGAIN.exception();
            }
            wasFull = used == lengths.length || starved;
            while (used > 0 && destination.remaining() > 0) {
                int wanted = (int) Math.min(lengths[first], destination.remaining());
                int n;
                try {
                    n = destination.copyTo(page(first), starts[first], wanted);
                } catch (ErrnoException e) {
                    if (total == 0) {
                        throw e;
                    }
                    break;
                }
                starts[first] += n;
                lengths[first] -= n;
                total += n;
                boolean packet = packets[first];
                if (packet && n == wanted) {
                    lengths[first] = 0; // what did not fit of a packet is lost
                }
                if (lengths[first] == 0) {
                    if (PAGES.get() > PAGES_SOFT_MAX) {
                        dropPage(first);
                    }
                    first = first + 1 & lengths.length - 1;
                    used--;
                }
                if (n < wanted || packet) {
                    break;
                }
            }
            if (used == 0) {
                starved = false;
            }
            wasFull &= !starved && used < lengths.length;
        }
        if (wasFull) {
            queue.notify(WRITABLE);
        }
        return total;
    }

    /**
     * Copies what is there without taking it (tee(2)).
     *
     * @return as many bytes as are there and fit; 0 at the end
     * @throws ErrnoException EAGAIN if it is empty while there are writers
     */
    public synchronized int peek(byte[] destination) throws ErrnoException {
        if (used == 0 && writers != 0) {
            throw Errno.EAGAIN.exception();
        }
        int total = 0;
        for (int i = 0; i < used && total < destination.length; i++) {
            int slot = first + i & lengths.length - 1;
            int n = Math.min(lengths[slot], destination.length - total);
            System.arraycopy(page(slot), starts[slot], destination, total, n);
            total += n;
        }
        return total;
    }

    /**
     * Writes what there is room for; EAGAIN if none of it fits, SIGPIPE and EPIPE without readers.
     *
     * @param packet whether each slot keeps its boundary (O_DIRECT)
     */
    long write(CallContext context, IovIter source, boolean packet) throws ErrnoException {
        long length = source.remaining();
        if (length == 0) {
            return 0;
        }
        long total = 0;
        boolean broken;
        boolean grew;
        synchronized (this) {
            broken = readers == 0;
            grew = !broken;
            if (!broken) {
                total = append(source, packet);
            }
        }
        if (broken) {
            context.raise(Signals.SIGPIPE);
            throw Errno.EPIPE.exception();
        }
        if (grew) {
            queue.notify(READABLE);
        }
        return total;
    }

    private long append(IovIter source, boolean packet) throws ErrnoException {
        long total = 0;
        int odd = (int) (source.remaining() & SLOT_BYTES - 1);
        if (odd != 0 && used > 0 && !packet) {
            int last = first + used - 1 & lengths.length - 1;
            int end = starts[last] + lengths[last];
            if (!packets[last] && end + odd <= SLOT_BYTES) {
                int n = source.copyFrom(page(last), end, odd);
                lengths[last] += n;
                total = n;
                if (n < odd) {
                    return total;
                }
            }
        }
        while (source.remaining() > 0) {
            boolean isShort = used > 0 && used < lengths.length && isShortOfPages();
            if (used == lengths.length || isShort) {
                starved |= isShort;
                if (total == 0) {
                    throw Errno.EAGAIN.exception();
                }
                break;
            }
            int slot = first + used & lengths.length - 1;
            int wanted = (int) Math.min(SLOT_BYTES, source.remaining());
            int n;
            try {
                n = source.copyFrom(page(slot), 0, wanted);
            } catch (ErrnoException e) {
                if (total == 0) {
                    throw e;
                }
                break;
            }
            starts[slot] = 0;
            lengths[slot] = n;
            packets[slot] = packet;
            used++;
            total += n;
            if (n < wanted) {
                break;
            }
        }
        return total;
    }

    private byte[] page(int slot) {
        byte[] page = pages[slot];
        if (page == null) {
            pages[slot] = page = new byte[SLOT_BYTES];
            PAGES.incrementAndGet();
        }
        return page;
    }

    private void dropPage(int slot) {
        if (pages[slot] != null) {
            pages[slot] = null;
            PAGES.decrementAndGet();
        }
    }

    /** Whether the next slot needs a page that it does not get. */
    private boolean isShortOfPages() {
        return pages[first + used & lengths.length - 1] == null && PAGES.get() >= PAGES_SOFT_MAX;
    }

    /** What poll(2) sees of the reading end. {@code writersAtOpen}: see {@link #writersEver}. */
    synchronized int pollReader(int writersAtOpen) {
        int events = used > 0 ? READABLE : 0;
        if (writers == 0 && writersEver != writersAtOpen) {
            events |= Poll.POLLHUP;
        }
        return events;
    }

    /** What poll(2) sees of the writing end. */
    synchronized int pollWriter() {
        int events = used < lengths.length && !starved ? WRITABLE : 0;
        return readers == 0 ? events | Poll.POLLERR : events;
    }

    /** Bytes that can be read (FIONREAD). */
    synchronized int available() {
        int total = 0;
        for (int i = 0; i < used; i++) {
            total += lengths[first + i & lengths.length - 1];
        }
        return total;
    }

    /** F_GETPIPE_SZ, bytes. */
    synchronized int capacity() {
        return lengths.length * SLOT_BYTES;
    }

    /**
     * F_SETPIPE_SZ: rounds up to a power of two pages.
     *
     * @return the new capacity, bytes
     * @throws ErrnoException EINVAL, EPERM above the limit, EBUSY if more slots are in use
     */
    int setCapacity(CallContext context, long bytes) throws ErrnoException {
        if (bytes < 0 || bytes > 1L << 31) {
            throw Errno.EINVAL.exception();
        }
        long rounded = Long.highestOneBit(Math.max(bytes, SLOT_BYTES));
        if (rounded < bytes) {
            rounded <<= 1;
        }
        synchronized (this) {
            int slots = lengths.length;
            if (rounded > (long) slots * SLOT_BYTES
                    && rounded > SIZE_BYTES_MAX
                    && !context.credentials().has(CAP_SYS_RESOURCE)) {
                throw Errno.EPERM.exception();
            }
            int wanted = (int) (rounded / SLOT_BYTES);
            if (wanted < used) {
                throw Errno.EBUSY.exception();
            }
            if (wanted != slots) {
                resize(wanted);
            }
        }
        queue.notify(WRITABLE);
        return (int) rounded;
    }

    private void resize(int slots) {
        byte[][] newPages = new byte[slots][];
        int[] newStarts = new int[slots];
        int[] newLengths = new int[slots];
        boolean[] newPackets = new boolean[slots];
        for (int i = 0; i < used; i++) {
            int slot = first + i & lengths.length - 1;
            newPages[i] = pages[slot];
            pages[slot] = null;
            newStarts[i] = starts[slot];
            newLengths[i] = lengths[slot];
            newPackets[i] = packets[slot];
        }
        for (int i = 0; i < pages.length; i++) {
            dropPage(i);
        }
        pages = newPages;
        starts = newStarts;
        lengths = newLengths;
        packets = newPackets;
        first = 0;
    }
}
