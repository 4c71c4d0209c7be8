// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.mm.usercopy.UserMemory;
import dev.jvisor.platform.AddressSpace;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.Trap;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;

import org.jspecify.annotations.Nullable;

/**
 * The memory of one guest process, or of several that share it (Linux: {@code struct mm_struct}).
 *
 * <p>All methods are thread-safe. Those that change mappings must be called on the thread of a task
 * that runs in this address space; their changes of what the guest sees are queued in the
 * {@link AddressSpace} and take effect when a task next enters the guest.
 */
public abstract class MemoryManager implements UserMemory {

    /** Addresses that the loader and prctl(PR_SET_MM) set and procfs shows; all in bytes. */
    public static final class Layout {
        public long startCode;
        public long endCode;
        public long startData;
        public long endData;
        public long startBrk;
        public long startStack;
        public long argStart;
        public long argEnd;
        public long envStart;
        public long envEnd;
        public long vdso;
        public byte[] auxv = new byte[0];

        /** Copies all fields (fork). */
        void copyFrom(Layout other) {
            startCode = other.startCode;
            endCode = other.endCode;
            startData = other.startData;
            endData = other.endData;
            startBrk = other.startBrk;
            startStack = other.startStack;
            argStart = other.argStart;
            argEnd = other.argEnd;
            envStart = other.envStart;
            envEnd = other.envEnd;
            vdso = other.vdso;
            auxv = other.auxv;
        }
    }

    /**
     * The limits of rlimits that memory calls obey; the kernel implements it on the thread group.
     */
    public interface Limits {
        /**
         * Soft limit of a RLIMIT_* resource, unsigned, -1 for none. Called with the memory's lock
         * held: takes only leaf locks.
         */
        long limit(int resource);

        /** Whether the process has a capability ({@code CAP_*}), for CAP_IPC_LOCK. */
        default boolean capable(int capability) {
            return false;
        }
    }

    /** Result of {@link #fork}. */
    public record Fork(MemoryManager child, GuestContext.Seed seed) {}

    /**
     * Sees each mapping in address order, as {@code /proc/PID/maps} prints it. Called with the
     * memory's lock held: must not touch guest memory.
     */
    public interface VmaVisitor {
        /**
         * @param flags {@code MAP_SHARED} or {@code MAP_PRIVATE}, and {@code MAP_GROWSDOWN}
         * @param name {@code [heap]}, {@code [stack]}, {@code [vdso]}, a path, or null
         */
        void visit(
                long start,
                long end,
                int protection,
                int flags,
                long offset,
                @Nullable Mappable file,
                @Nullable String name);
    }

    /** Creates an empty one with one user. */
    public static MemoryManager create(
            AddressSpace addressSpace, PageAllocator pages, long minAddress, long maxAddress) {
        return new GuestMemory(addressSpace, pages, minAddress, maxAddress);
    }

    /** Returns the mutable layout record. */
    public abstract Layout layout();

    public abstract AddressSpace addressSpace();

    public abstract PageAllocator pages();

    /** One more task (thread or CLONE_VM process) uses this memory. */
    public abstract void retain();

    /**
     * One task fewer; the last one frees everything (the address space itself ends with its
     * contexts).
     */
    public abstract void release();

    /** Sets whose limits apply (RLIMIT_AS, RLIMIT_DATA, RLIMIT_STACK); default none. */
    public abstract void setLimits(Limits limits);

    /**
     * mmap(2) of something that may have any protection; see {@link #mmap(long, long, int, int,
     * Mappable, long, int)}.
     */
    public final long mmap(
            long address,
            long length,
            int protection,
            int flags,
            @Nullable Mappable file,
            long offset)
            throws ErrnoException {
        return mmap(
                address,
                length,
                protection,
                flags,
                file,
                offset,
                Mman.PROT_READ | Mman.PROT_WRITE | Mman.PROT_EXEC);
    }

    /**
     * mmap(2). All argument checks and their errno order are done here, except EBADF and ENODEV.
     *
     * @param file null for MAP_ANONYMOUS
     * @param offset bytes
     * @param maxProtection what the open file allows: PROT_READ and PROT_WRITE as it was opened,
     *     PROT_EXEC unless its mount is noexec. Kept for mprotect(2) (Linux: VM_MAYREAD and so on);
     *     a private mapping may always be written.
     * @throws ErrnoException EACCES or EPERM for what {@code maxProtection} denies; EINVAL, ENOMEM,
     *     EPERM, EEXIST, EOVERFLOW, EOPNOTSUPP, EAGAIN as mmap(2)
     */
    public abstract long mmap(
            long address,
            long length,
            int protection,
            int flags,
            @Nullable Mappable file,
            long offset,
            int maxProtection)
            throws ErrnoException;

    /**
     * Maps pages of the memory file that the caller owns (vDSO, its data): read-only sharing, no
     * accounting; {@code name} is shown in maps.
     */
    public abstract void mapSpecial(
            long address, long length, int protection, long memoryOffset, String name)
            throws ErrnoException;

    /** Maps the initial stack: grows down from {@code top}, named {@code [stack]}. */
    public abstract void mapStack(long top, long initialLength, int protection)
            throws ErrnoException;

    /**
     * Finds a free range top-down as mmap does for a null hint; used for PIE, interpreter and vDSO.
     */
    public abstract long findFree(long length, long alignment) throws ErrnoException;

    /** Sets the base that {@link #findFree} works down from (below the stack gap). */
    public abstract void setMmapBase(long address);

    public abstract void munmap(long address, long length) throws ErrnoException;

    public abstract void mprotect(long address, long length, int protection) throws ErrnoException;

    public abstract long mremap(
            long oldAddress, long oldLength, long newLength, int flags, long newAddress)
            throws ErrnoException;

    public abstract void madvise(long address, long length, int advice) throws ErrnoException;

    public abstract void msync(long address, long length, int flags) throws ErrnoException;

    /**
     * mlock2(2).
     *
     * @param onFault MLOCK_ONFAULT: pages are not made resident now
     * @throws ErrnoException EPERM, ENOMEM, EAGAIN, EINVAL
     */
    public abstract void lock(long address, long length, boolean onFault) throws ErrnoException;

    /** munlock(2): ENOMEM, EINVAL. */
    public abstract void unlock(long address, long length) throws ErrnoException;

    /** mlockall(2) with valid {@code MCL_*} flags: EPERM, ENOMEM. */
    public abstract void lockAll(int flags) throws ErrnoException;

    public abstract void unlockAll();

    /** mincore(2): one byte for each page into {@code vector}. */
    public abstract void mincore(long address, long length, byte[] vector) throws ErrnoException;

    /** brk(2): returns the new break, or the current one if {@code address} cannot be had. */
    public abstract long brk(long address);

    /** Sets the start of the heap (loader). */
    public abstract void setBrkStart(long address);

    /**
     * Handles a fault trap of the guest (SIGSEGV or SIGBUS). Faults that are not page faults
     * (general protection, alignment) are left as they are.
     *
     * @return what to do; for SIGNAL {@code trap} holds signal, code and address to deliver (the
     *     method corrects SEGV_MAPERR/SEGV_ACCERR/BUS_ADRERR)
     */
    public abstract FaultResult handleFault(Trap trap, long stackPointer);

    /** What becomes of a fault. */
    public enum FaultResult {
        /** The access can be retried. */
        RETRY,
        /** It is the guest's error. */
        SIGNAL,
        /** There is no memory for the page: something has to be killed. */
        NO_MEMORY
    }

    /**
     * Copies the memory for fork(2): write-protects what becomes copy-on-write, and clones the
     * context.
     *
     * @param parent the calling task's context
     */
    public abstract Fork fork(GuestContext parent) throws ErrnoException;

    /**
     * Drops mapped pages of a mapped object's range in all address ranges that show it (truncate,
     * hole). Private copies stay, except behind the object's end. Any thread; no lock of the object
     * may be held. When it returns, no guest sees the pages any more.
     */
    public abstract void invalidate(Mappable object, long offset, long length);

    /**
     * Reads for another process (process_vm_readv(2), ptrace(2), /proc/PID/mem); any thread.
     *
     * @param force whether protections do not count (Linux: FOLL_FORCE)
     * @return bytes read until the first that is not there
     */
    public abstract int readRemote(
            long address, byte[] destination, int index, int length, boolean force);

    /**
     * Writes for another process; any thread. The guest sees it when this returns.
     *
     * @param force whether read-only private mappings are written, too: they get pages of their own
     * @return bytes written until the first that cannot be
     */
    public abstract int writeRemote(
            long address, byte[] source, int index, int length, boolean force);

    /** Reads an aligned int with acquire order. EFAULT if it cannot be read. */
    public abstract int loadInt(long address) throws ErrnoException;

    /**
     * Atomic compare-and-exchange of an aligned int; returns the witness. EFAULT if not writable.
     */
    public abstract int compareAndExchangeInt(long address, int expected, int value)
            throws ErrnoException;

    /**
     * Fills in what identifies a futex word (aligned int): for a shared mapping the object and
     * offset, so that all address spaces agree; for private ones this memory and the address.
     */
    public abstract FutexKey futexKey(long address, boolean processPrivate) throws ErrnoException;

    /** Identity of a futex word; value semantics. */
    public record FutexKey(Object space, long offset) {}

    /**
     * Iterator over one guest range. Does not check the range beforehand except that it cannot
     * wrap.
     */
    public abstract IovIter iter(long address, long length) throws ErrnoException;

    /**
     * Iterator over an iovec array in guest memory (readv(2)): EINVAL for count or length overflow,
     * EFAULT if the array itself cannot be read.
     */
    public abstract IovIter iterVector(long iovecAddress, int count) throws ErrnoException;

    public abstract void forEachVma(VmaVisitor visitor);

    /** Returns how many mappings and pieces of backing there are. */
    public abstract int mappingCount();

    /** Total mapped bytes (VmSize). */
    public abstract long mappedBytes();

    /** What is resident, in bytes (Linux: {@code mm->rss_stat} and its like). */
    public static final class Resident {
        public long anonymous;
        public long file;
        public long shared;

        public long total() {
            return anonymous + file + shared;
        }
    }

    /** Finds out what is resident now. */
    public abstract void resident(Resident result);

    /** Resident bytes (VmRSS). */
    public final long residentBytes() {
        Resident resident = new Resident();
        resident(resident);
        return resident.total();
    }

    /**
     * Returns the most bytes that were known to be resident (VmHWM): a cheap estimate of now, or
     * what {@link #resident} found earlier.
     *
     * @param usage filled in with what the host has counted
     */
    public abstract long peakResidentBytes(AddressSpace.HostUsage usage);

    /** Whether one task alone uses this memory. */
    public abstract boolean isExclusive();

    /** Most bytes that were mapped (VmPeak). */
    public abstract long peakMappedBytes();

    /** Bytes that are locked (VmLck). */
    public abstract long lockedBytes();

    /** Sets the peaks back to now (clear_refs). */
    public abstract void resetPeaks();

    /** Details of a mapping for {@code /proc/PID/smaps}, in bytes. */
    public static final class VmaUsage {
        public long resident;
        public long proportional;
        public long sharedClean;
        public long sharedDirty;
        public long privateClean;
        public long privateDirty;
        public long anonymous;
        public long locked;

        /** The mnemonics of Linux's VmFlags line that are not access rights. */
        public String flags = "";

        /** Adds the numbers of another mapping. */
        public void add(VmaUsage other) {
            resident += other.resident;
            proportional += other.proportional;
            sharedClean += other.sharedClean;
            sharedDirty += other.sharedDirty;
            privateClean += other.privateClean;
            privateDirty += other.privateDirty;
            anonymous += other.anonymous;
            locked += other.locked;
        }
    }

    /** Finds out about the mapping that starts at an address; for a {@link VmaVisitor}. */
    public abstract VmaUsage usageOf(long start);

    /** Names a private anonymous range (prctl PR_SET_VMA_ANON_NAME). */
    public abstract void setAnonymousName(long address, long length, @Nullable String name)
            throws ErrnoException;
}
