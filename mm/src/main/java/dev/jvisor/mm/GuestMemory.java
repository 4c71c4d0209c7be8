// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.AddressSpace;
import dev.jvisor.platform.GuestContext;
import dev.jvisor.platform.SentryBug;
import dev.jvisor.platform.Trap;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;

import org.jspecify.annotations.Nullable;

/** The {@link MemoryManager}: takes the lock and leaves the work to the class for it. */
final class GuestMemory extends MemoryManager {

    private final Space s;
    private final UserCopy userCopy;
    private final FaultHandler faultHandler;
    private final SpanPins spanPins;
    private final Residency residency;

    GuestMemory(AddressSpace host, PageAllocator pages, long minAddress, long maxAddress) {
        this.s = new Space(this, host, pages, minAddress, maxAddress);
        this.userCopy = new UserCopy(s);
        this.faultHandler = new FaultHandler(s);
        this.spanPins = new SpanPins(userCopy);
        this.residency = new Residency(s);
    }

    @Override
    public Layout layout() {
        return s.layout;
    }

    @Override
    public AddressSpace addressSpace() {
        return s.host;
    }

    @Override
    public PageAllocator pages() {
        return s.backing.pages;
    }

    UserCopy userCopy() {
        return userCopy;
    }

    SpanPins spanPins() {
        return spanPins;
    }

    @Override
    public void retain() {
        long stamp = s.lock.writeLock();
        try {
            if (s.users <= 0) {
                throw new SentryBug("retain of released memory");
            }
            s.users++;
        } finally {
            s.lock.unlockWrite(stamp);
        }
    }

    @Override
    public void release() {
        long stamp = s.lock.writeLock();
        try {
            s.users--;
            if (s.users < 0) {
                throw new SentryBug("memory released twice");
            }
            if (s.users == 0) {
                clear();
            }
        } finally {
            s.lock.unlockWrite(stamp);
        }
        if (s.users == 0) {
            spanPins.releaseAll();
        }
    }

    /** Gives up all pages and mapped objects. Write lock. */
    private void clear() {
        s.hint = null;
        s.backing.releaseAll();
        for (Vma v = s.vmas.first(); v != null; v = s.vmas.endingAfter(v.end)) {
            if (v.file != null) {
                v.file.removeMapping(this, v.start, v.length(), v.offset);
            }
        }
        s.vmas.clear();
        s.settleCharge();
    }

    @Override
    public void setLimits(Limits limits) {
        long stamp = s.beginChange();
        try {
            s.limits = limits;
        } finally {
            s.endChange(stamp);
        }
    }

    @Override
    public long mmap(
            long address,
            long length,
            int protection,
            int flags,
            @Nullable Mappable file,
            long offset,
            int maxProtection)
            throws ErrnoException {
        long stamp = s.beginChange();
        try {
            return Mapper.mmap(s, address, length, protection, flags, file, offset, maxProtection);
        } finally {
            s.endChange(stamp);
        }
    }

    @Override
    public void mapSpecial(
            long address, long length, int protection, long memoryOffset, String name)
            throws ErrnoException {
        long stamp = s.beginChange();
        try {
            Mapper.mapSpecial(s, address, length, protection, memoryOffset, name);
        } finally {
            s.endChange(stamp);
        }
    }

    @Override
    public void mapStack(long top, long initialLength, int protection) throws ErrnoException {
        long stamp = s.beginChange();
        try {
            Mapper.mapStack(s, top, initialLength, protection);
        } finally {
            s.endChange(stamp);
        }
    }

    @Override
    public long findFree(long length, long alignment) throws ErrnoException {
        long stamp = s.beginChange();
        try {
            long size = Space.pageUp(length);
            long found =
                    size <= 0 ? -1 : Mapper.findFree(s, size, Math.max(alignment, Space.PAGE_SIZE));
            if (found < 0) {
                throw Errno.ENOMEM.exception();
            }
            return found;
        } finally {
            s.endChange(stamp);
        }
    }

    @Override
    public void setMmapBase(long address) {
        long stamp = s.beginChange();
        try {
            s.mmapBase = Space.pageStart(Math.min(address, s.maxAddress));
        } finally {
            s.endChange(stamp);
        }
    }

    @Override
    public void munmap(long address, long length) throws ErrnoException {
        long stamp = s.beginChange();
        try {
            Mapper.munmap(s, address, length);
        } finally {
            s.endChange(stamp);
        }
    }

    @Override
    public void mprotect(long address, long length, int protection) throws ErrnoException {
        long stamp = s.beginChange();
        try {
            Protector.mprotect(s, address, length, protection);
        } finally {
            s.endChange(stamp);
        }
    }

    @Override
    public long mremap(long oldAddress, long oldLength, long newLength, int flags, long newAddress)
            throws ErrnoException {
        long stamp = s.beginChange();
        try {
            return Remapper.mremap(s, oldAddress, oldLength, newLength, flags, newAddress);
        } finally {
            s.endChange(stamp);
        }
    }

    @Override
    public void madvise(long address, long length, int advice) throws ErrnoException {
        FileRanges toPunch = new FileRanges();
        long stamp = s.beginChange();
        try {
            Adviser.madvise(s, address, length, advice, toPunch);
        } finally {
            s.endChange(stamp);
        }
        for (int i = 0; i < toPunch.count(); i++) {
            toPunch.file(i).punchHole(toPunch.offset(i), toPunch.length(i));
        }
    }

    @Override
    public void msync(long address, long length, int flags) throws ErrnoException {
        FileRanges toSync = new FileRanges();
        boolean hole;
        long stamp = s.beginChange();
        try {
            hole = Adviser.msync(s, address, length, flags, toSync);
        } finally {
            s.endChange(stamp);
        }
        for (int i = 0; i < toSync.count(); i++) {
            toSync.file(i).sync(toSync.offset(i), toSync.length(i));
        }
        if (hole) {
            throw Errno.ENOMEM.exception();
        }
    }

    @Override
    public void mincore(long address, long length, byte[] vector) throws ErrnoException {
        long stamp = s.lock.readLock();
        try {
            Adviser.mincore(s, address, length, vector);
        } finally {
            s.lock.unlockRead(stamp);
        }
    }

    @Override
    public void lock(long address, long length, boolean onFault) throws ErrnoException {
        long stamp = s.beginChange();
        try {
            Locker.lock(s, address, length, onFault);
        } finally {
            s.endChange(stamp);
        }
    }

    @Override
    public void unlock(long address, long length) throws ErrnoException {
        long stamp = s.beginChange();
        try {
            Locker.unlock(s, address, length);
        } finally {
            s.endChange(stamp);
        }
    }

    @Override
    public void lockAll(int flags) throws ErrnoException {
        long stamp = s.beginChange();
        try {
            Locker.lockAll(s, flags);
        } finally {
            s.endChange(stamp);
        }
    }

    @Override
    public void unlockAll() {
        long stamp = s.beginChange();
        try {
            Locker.unlockAll(s);
        } finally {
            s.endChange(stamp);
        }
    }

    @Override
    public long brk(long address) {
        long stamp = s.beginChange();
        try {
            return Mapper.brk(s, address);
        } finally {
            s.endChange(stamp);
        }
    }

    @Override
    public void setBrkStart(long address) {
        long stamp = s.beginChange();
        try {
            s.brkStart = address;
            s.brk = address;
            s.layout.startBrk = address;
        } finally {
            s.endChange(stamp);
        }
    }

    @Override
    public FaultResult handleFault(Trap trap, long stackPointer) {
        return faultHandler.handle(trap);
    }

    @Override
    public Fork fork(GuestContext parent) throws ErrnoException {
        GuestMemory child = new GuestMemory(s.host, s.backing.pages, s.minAddress, s.maxAddress);
        // Lock order: parent before child. Nobody but a truncating file can know the child yet.
        long stamp = s.beginChange();
        long childStamp = child.s.lock.writeLock();
        boolean forked = false;
        try {
            if (s.users == 1) {
                // Another thread would go on writing between the copy and the moment from which all
                // else is copy-on-write: the child could see its later stores without its earlier.
                Forking.copyHot(s, child.s, parent.registers().rsp);
            }
            Forking.share(s, child.s);
            GuestContext.Seed seed = parent.cloneContext(GuestContext.CloneMode.COPY_ADDRESS_SPACE);
            child.s.host = seed.addressSpace();
            Forking.adjustChild(s, child.s);
            child.s.settleCharge();
            child.s.peakMappedBytes = child.s.vmas.mappedBytes();
            assert child.s.checkInvariants();
            forked = true;
            return new Fork(child, seed);
        } finally {
            if (!forked) {
                child.clear();
                child.s.users = 0;
            }
            child.s.lock.unlockWrite(childStamp);
            s.endChange(stamp);
        }
    }

    @Override
    public void invalidate(Mappable object, long offset, long length) {
        long stamp = s.beginChange();
        try {
            Adviser.invalidate(s, object, offset, length);
            if (s.host.hasPending()) {
                // A guest of this memory may be busy and not come by here for long.
                Space.commit(s.host);
            }
        } finally {
            s.endChange(stamp);
        }
    }

    @Override
    public int loadInt(long address) throws ErrnoException {
        return userCopy.loadInt(address);
    }

    @Override
    public int compareAndExchangeInt(long address, int expected, int value) throws ErrnoException {
        return userCopy.compareAndExchangeInt(address, expected, value);
    }

    @Override
    public FutexKey futexKey(long address, boolean processPrivate) throws ErrnoException {
        if (processPrivate) {
            return new FutexKey(this, address);
        }
        long stamp = s.lock.readLock();
        try {
            Vma vma = s.vmas.at(address);
            if (vma == null || vma.protection == Mman.PROT_NONE) {
                throw Errno.EFAULT.exception();
            }
            if (vma.isShared() && vma.file != null) {
                return new FutexKey(vma.file.identity(), vma.fileOffset(address));
            }
            return new FutexKey(this, address);
        } finally {
            s.lock.unlockRead(stamp);
        }
    }

    @Override
    public IovIter iter(long address, long length) throws ErrnoException {
        spanPins.releaseOfThread();
        return GuestIovIter.single(this, address, length);
    }

    @Override
    public IovIter iterVector(long iovecAddress, int count) throws ErrnoException {
        spanPins.releaseOfThread();
        return GuestIovIter.vector(this, iovecAddress, count);
    }

    @Override
    public void forEachVma(VmaVisitor visitor) {
        long stamp = s.lock.readLock();
        try {
            for (Vma v = s.vmas.first(); v != null; v = s.vmas.endingAfter(v.end)) {
                int flags = v.flags & (Mman.MAP_TYPE | Mman.MAP_GROWSDOWN);
                visitor.visit(v.start, v.end, v.protection, flags, v.offset, v.file, nameOf(v));
            }
        } finally {
            s.lock.unlockRead(stamp);
        }
    }

    /** Returns the name in {@code /proc/PID/maps}. // fs/proc/task_mmu.c: get_vma_name */
    private @Nullable String nameOf(Vma v) {
        if (v.special) {
            return v.name;
        }
        if (v.file != null) {
            return v.file.mappingName();
        }
        if (v.start < s.brk && v.end > s.brkStart) {
            return "[heap]";
        }
        if (v.start <= s.layout.startStack && v.end >= s.layout.startStack && v.growsDown()) {
            return "[stack]";
        }
        return v.name == null ? null : "[anon:" + v.name + "]";
    }

    @Override
    public int mappingCount() {
        long stamp = s.lock.readLock();
        try {
            return s.vmas.size() + s.backing.size();
        } finally {
            s.lock.unlockRead(stamp);
        }
    }

    @Override
    public long mappedBytes() {
        long stamp = s.lock.readLock();
        try {
            return s.vmas.mappedBytes();
        } finally {
            s.lock.unlockRead(stamp);
        }
    }

    @Override
    public void resident(Resident result) {
        long stamp = s.lock.readLock();
        try {
            residency.count(result);
        } finally {
            s.lock.unlockRead(stamp);
        }
    }

    @Override
    public boolean isExclusive() {
        return s.users == 1;
    }

    @Override
    public long peakResidentBytes(AddressSpace.HostUsage usage) {
        long stamp = s.lock.readLock();
        try {
            return residency.peakBytes(usage);
        } finally {
            s.lock.unlockRead(stamp);
        }
    }

    @Override
    public VmaUsage usageOf(long start) {
        Vma vma = s.vmas.at(start); // the visitor's caller holds the lock
        return vma == null ? new VmaUsage() : residency.usageOf(vma);
    }

    @Override
    public void resetPeaks() {
        long stamp = s.beginChange();
        try {
            residency.resetPeak();
            s.peakMappedBytes = s.vmas.mappedBytes();
        } finally {
            s.endChange(stamp);
        }
    }

    @Override
    public long peakMappedBytes() {
        long stamp = s.lock.readLock();
        try {
            return Math.max(s.peakMappedBytes, s.vmas.mappedBytes());
        } finally {
            s.lock.unlockRead(stamp);
        }
    }

    @Override
    public long lockedBytes() {
        long stamp = s.lock.readLock();
        try {
            return s.vmas.lockedBytes();
        } finally {
            s.lock.unlockRead(stamp);
        }
    }

    @Override
    public void setAnonymousName(long address, long length, @Nullable String name)
            throws ErrnoException {
        long stamp = s.beginChange();
        try {
            Adviser.setName(s, address, length, name);
        } finally {
            s.endChange(stamp);
        }
    }

    // UserMemory

    @Override
    public void copyIn(long address, byte[] destination, int index, int length)
            throws ErrnoException {
        if (copyInPartial(address, destination, index, length) < length) {
            throw Errno.EFAULT.exception();
        }
    }

    @Override
    public void copyOut(long address, byte[] source, int index, int length) throws ErrnoException {
        if (copyOutPartial(address, source, index, length) < length) {
            throw Errno.EFAULT.exception();
        }
    }

    @Override
    public int copyInPartial(long address, byte[] destination, int index, int length) {
        return (int) userCopy.copy(UserCopy.Kind.TO_ARRAY, address, length, destination, index);
    }

    @Override
    public int copyOutPartial(long address, byte[] source, int index, int length) {
        return (int) userCopy.copy(UserCopy.Kind.FROM_ARRAY, address, length, source, index);
    }

    @Override
    public int readRemote(long address, byte[] destination, int index, int length, boolean force) {
        return remoteCopy().read(address, destination, index, length, force);
    }

    @Override
    public int writeRemote(long address, byte[] source, int index, int length, boolean force) {
        return remoteCopy().write(address, source, index, length, force);
    }

    private RemoteCopy remoteCopy() {
        return new RemoteCopy(s, userCopy);
    }

    @Override
    public byte getByte(long address) throws ErrnoException {
        return userCopy.getByte(address);
    }

    @Override
    public int getInt(long address) throws ErrnoException {
        return userCopy.getInt(address);
    }

    @Override
    public long getLong(long address) throws ErrnoException {
        return userCopy.getLong(address);
    }

    @Override
    public void putByte(long address, byte value) throws ErrnoException {
        userCopy.putByte(address, value);
    }

    @Override
    public void putInt(long address, int value) throws ErrnoException {
        userCopy.putInt(address, value);
    }

    @Override
    public void putLong(long address, long value) throws ErrnoException {
        userCopy.putLong(address, value);
    }

    @Override
    public void zero(long address, long length) throws ErrnoException {
        if (length < 0 || userCopy.zero(address, length) < length) {
            throw Errno.EFAULT.exception();
        }
    }

    @Override
    public byte[] copyInString(long address, int maxLength) throws ErrnoException {
        return userCopy.copyInString(address, maxLength);
    }
}
