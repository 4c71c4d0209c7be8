// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.platform.AddressSpace;
import dev.jvisor.platform.ContextLostException;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Resource;
import dev.jvisor.platform.memory.MemoryFile;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.locks.StampedLock;

/**
 * The state of one guest memory, for the classes that work on it. All fields that are not final are
 * guarded by {@link #lock} unless they say otherwise.
 */
final class Space {

    static final long PAGE_SIZE = MemoryFile.PAGE_SIZE;
    static final long PAGE_MASK = -PAGE_SIZE;

    /** End of what the processor lets user code address. // asm/page_64_types.h: TASK_SIZE_MAX */
    static final long TASK_SIZE_MAX = (1L << 47) - PAGE_SIZE;

    /**
     * Linux: {@code mmap_lock}. Read-held during copies from and to the guest, write-held while
     * mappings, backing or the queue of the address space change. Not reentrant.
     */
    final StampedLock lock = new StampedLock();

    final GuestMemory owner;
    final Backing backing;
    final MemoryFile memory;
    final VmaSet vmas = new VmaSet();
    final long minAddress;
    final long maxAddress;
    final MemoryManager.Layout layout = new MemoryManager.Layout();

    /** Set once: for the child of a fork after construction, before anybody else sees it. */
    AddressSpace host;

    /** Where {@link VmaSet#findTopDown} starts. // mm->mmap_base */
    long mmapBase;

    /** The heap, in bytes (not rounded). // mm->start_brk, mm->brk */
    long brkStart;

    long brk;

    MemoryManager.@Nullable Limits limits;

    /** What the allocator knows of the number of our mappings. */
    private int countedMappings;

    /** What the commit account has been charged for this memory. */
    private long chargedBytes;

    /** {@link Vma#LOCKED} and {@link Vma#LOCK_ON_FAULT} for what is mapped from now on. */
    int futureState;

    /** Most bytes that were mapped (Linux: hiwater_vm). */
    long peakMappedBytes;

    /**
     * The last backing that a copy used; any thread under the lock in either mode, races are
     * harmless.
     */
    @Nullable
    Piece hint;

    final HotWindows hotWindows = new HotWindows();

    /** Counts changes, so that a fault can tell that nothing has happened since the last. */
    long changes;

    /**
     * Tasks that use this memory; guarded by {@link #lock}, read without it where a guess will do.
     */
    volatile int users = 1;

    Space(
            GuestMemory owner,
            AddressSpace host,
            PageAllocator pages,
            long minAddress,
            long maxAddress) {
        this.owner = owner;
        this.host = host;
        this.backing = new Backing(pages);
        this.memory = pages.memory();
        this.minAddress = minAddress;
        this.maxAddress = maxAddress;
        this.mmapBase = maxAddress;
    }

    static long pageStart(long address) {
        return address & PAGE_MASK;
    }

    /** Rounds up to a page; what is too large for that becomes 0. */
    static long pageUp(long value) {
        return (value + PAGE_SIZE - 1) & PAGE_MASK;
    }

    static boolean isPageAligned(long value) {
        return (value & (PAGE_SIZE - 1)) == 0;
    }

    /** Returns the soft limit of a resource; {@link Long#MAX_VALUE} for none. */
    long limit(int resource) {
        MemoryManager.Limits l = limits;
        long value = l == null ? -1 : l.limit(resource);
        return value < 0 ? Long.MAX_VALUE : value;
    }

    /**
     * Promises memory for mappings that are about to be accounted; what is not mapped when the
     * change ends goes back.
     *
     * @throws ErrnoException ENOMEM
     */
    void charge(long bytes) throws ErrnoException {
        backing.pages.commit().charge(bytes);
        chargedBytes += bytes;
    }

    /** Gives back what was promised for what is not mapped any more. */
    void settleCharge() {
        int mappings = vmas.size() + backing.size();
        if (mappings != countedMappings) {
            backing.pages.countMappings(mappings - countedMappings);
            countedMappings = mappings;
        }
        long excess = chargedBytes - vmas.accountedBytes();
        if (excess != 0) {
            backing.pages.commit().uncharge(excess);
            chargedBytes -= excess;
        }
    }

    /** Whether there are as many mappings as there may be, here or in the stub. */
    boolean isFull() {
        int max = Math.min(VmaSet.COUNT_MAX, backing.pages.mapCountMax());
        return vmas.size() >= max
                || backing.size() >= VmaSet.COUNT_MAX
                || !backing.pages.hasRoomForMappings(1);
    }

    /** Whether the caller has a capability (a {@code CAP_*} number). */
    boolean capable(int capability) {
        MemoryManager.Limits l = limits;
        return l == null || l.capable(capability);
    }

    /** Whether RLIMIT_MEMLOCK allows more to be locked. // mm/mmap.c: mlock_future_ok */
    boolean mayLockMore(long bytes) {
        return vmas.lockedBytes() + bytes <= limit(Resource.RLIMIT_MEMLOCK)
                || capable(Capabilities.CAP_IPC_LOCK);
    }

    /** Whether RLIMIT_AS and RLIMIT_DATA allow more to be mapped. // mm/mmap.c: may_expand_vm */
    boolean mayExpand(long moreBytes, long moreDataBytes) {
        if (limits == null) {
            return true;
        }
        long total = limit(Resource.RLIMIT_AS);
        if (total != Long.MAX_VALUE && vmas.mappedBytes() + moreBytes > total) {
            return false;
        }
        if (moreDataBytes <= 0) {
            return true;
        }
        long data = limit(Resource.RLIMIT_DATA);
        return data == Long.MAX_VALUE || vmas.dataBytes(0, Long.MAX_VALUE) + moreDataBytes <= data;
    }

    /** Finds the backing of an address, remembering it. Holds the lock in either mode. */
    @Nullable
    Piece piece(long address) {
        Piece p = hint;
        if (p != null && address >= p.start && address < p.end) {
            return p;
        }
        p = backing.at(address);
        if (p != null) {
            hint = p;
        }
        return p;
    }

    /** Begins a change. */
    long beginChange() {
        long stamp = lock.writeLock();
        changes++;
        hint = null;
        backing.settle(host);
        return stamp;
    }

    /** Ends a change. */
    void endChange(long stamp) {
        try {
            settleCharge();
            peakMappedBytes = Math.max(peakMappedBytes, vmas.mappedBytes());
            backing.settle(host);
            assert checkInvariants();
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /**
     * Makes queued changes of the host's address space take effect now. When it returns, nobody
     * runs guest code that sees what was there before. A failure is left to the next entry into the
     * guest, which reports it.
     *
     * @return false if that is not so
     */
    static boolean commit(AddressSpace host) {
        try {
            host.commit();
            return true;
        } catch (ErrnoException e) {
            return false;
        } catch (ContextLostException e) {
            return true; // the guest's host process is gone
        }
    }

    boolean checkInvariants() {
        vmas.checkInvariants();
        backing.checkInvariants(vmas);
        return true;
    }

    /**
     * Changes flags of a part of a mapping, which becomes a mapping of its own if it is not alike.
     *
     * @throws ErrnoException ENOMEM if there are too many mappings
     */
    void setState(Vma whole, long start, long end, int clear, int set) throws ErrnoException {
        if ((whole.state & ~clear | set) == whole.state) {
            return;
        }
        if (isFull()) {
            throw Errno.ENOMEM.exception();
        }
        vmas.isolate(start, end);
        Vma vma = vmas.at(start);
        if (vma != null) {
            vmas.setState(vma, clear, set);
        }
    }
}
