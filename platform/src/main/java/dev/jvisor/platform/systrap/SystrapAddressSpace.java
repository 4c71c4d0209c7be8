// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

import dev.jvisor.platform.ContextLostException;
import dev.jvisor.platform.GuestText;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.abi.Sched;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.RawMemory;
import dev.jvisor.platform.host.Sys;
import dev.jvisor.platform.stub.ControlFile;
import dev.jvisor.platform.stub.RangeSet;
import dev.jvisor.platform.stub.StubAddressSpace;
import dev.jvisor.platform.stub.StubUsage;

import java.util.ArrayList;
import java.util.List;

/** The address space of a stub process, changed by its agent at any time. */
final class SystrapAddressSpace extends StubAddressSpace implements StubAddressSpace.ListRunner {

    private static final int CLONE_THREAD_FLAGS = Sched.CLONE_VM
            | Sched.CLONE_FS
            | Sched.CLONE_FILES
            | Sched.CLONE_SIGHAND
            | Sched.CLONE_THREAD
            | Sched.CLONE_SYSVSEM
            | Sched.CLONE_CHILD_CLEARTID;

    /** CLONE_PARENT: all stubs are children of the Sentry. */
    private static final int CLONE_PROCESS_FLAGS =
            Sched.CLONE_PARENT | Sched.CLONE_FILES | Sched.CLONE_FS | Signals.SIGCHLD;

    private static final int READ_WRITE = Mman.PROT_READ | Mman.PROT_WRITE;
    private static final int SHARED_FIXED = Mman.MAP_SHARED | Mman.MAP_FIXED;

    /** What {@link #appendLast} appends. */
    private enum Last {
        NOTHING,
        THREAD,
        PROCESS
    }

    private static final int READ_EXEC = Mman.PROT_READ | Mman.PROT_EXEC;

    final StubProcess process;
    private final SystrapPlatform platform;
    final CallSites sites = new CallSites();

    /** Whether call sites are being patched: nobody may enter guest code. */
    private volatile boolean patching; // written under patchLock

    /** Before the memory manager's locks, which patching takes. */
    private final Object patchLock = new Object();

    private final List<SystrapContext> contexts = new ArrayList<>(); // guarded by itself

    // Guarded by lock.
    private Last last = Last.NOTHING;
    /** Slot of the thread, or list of the process, that is made. */
    private long argument;

    private long childEntry;
    private long lastResult;
    /** Left by its process for another one (exec): nothing more happens here. */
    private boolean dead;

    SystrapAddressSpace(SystrapPlatform platform, StubProcess process, RangeSet mapped) {
        super(
                platform.memory(),
                platform.control(),
                process.files,
                process.list,
                StubCode.LIMIT,
                mapped);
        this.platform = platform;
        this.process = process;
    }

    @Override
    protected void killProcess() {
        process.kill();
    }

    @Override
    public void commit() throws ErrnoException {
        if (!hasPending()) {
            return;
        }
        synchronized (lock) {
            if (hasPending() && !dead) {
                try {
                    executeAll(this, false);
                } catch (ContextLostException gone) {
                    // Nobody sees its memory any more; its contexts will notice by themselves.
                    forgetAll();
                    return;
                }
                throwFailure();
            }
        }
    }

    @Override
    public int runList(int first, int count, boolean withLast) {
        int left = process.execute(first, count, withLast);
        lastResult = left != 0 || withLast ? process.result() : 0;
        return left;
    }

    @Override
    public long lastResult() {
        return lastResult;
    }

    @Override
    protected int appendLast(int entries) {
        int n = entries;
        if (last == Last.THREAD) {
            n = putThread(process.list, n, argument);
        } else {
            n = put(n, -1, Sys.CLONE, CLONE_PROCESS_FLAGS, 0, 0, 0, 0, argument);
            platform.control().putExtra(process.list, n - 1, childEntry);
        }
        return n;
    }

    /** Appends what makes a guest thread: its slot is mapped, the thread cloned. */
    private int putThread(long list, int entries, long slot) {
        ControlFile control = platform.control();
        long[] words = new long[ControlFile.ENTRY_WORDS];
        long at = ContextFile.stubAddress(slot);
        control.put(
                words,
                list,
                entries,
                Sys.MMAP,
                at,
                Block.SLOT_SIZE,
                READ_WRITE,
                SHARED_FIXED,
                StubCode.CONTEXT_FD,
                slot);
        control.put(
                words,
                list,
                entries + 1,
                Sys.CLONE,
                CLONE_THREAD_FLAGS,
                at + Block.STACK_TOP,
                0,
                at + Block.STATE,
                0,
                0);
        control.putExtra(list, entries + 1, platform.code().threadStart);
        return entries + 2;
    }

    // Call sites.

    void addContext(SystrapContext context) {
        synchronized (contexts) {
            contexts.add(context);
        }
    }

    void removeContext(SystrapContext context) {
        synchronized (contexts) {
            contexts.remove(context);
        }
    }

    boolean isPatching() {
        return patching;
    }

    /** Waits while a call site is being patched. */
    void awaitPatched() {
        synchronized (patchLock) {
            // Held by who patches.
        }
    }

    /**
     * Patches the call site in front of an address, if all other threads are outside of guest code.
     *
     * @param back the address behind the call
     * @param number the call that was made
     */
    void patch(SystrapContext by, GuestText text, long back, long number) {
        synchronized (patchLock) {
            int index = sites.count();
            if (index >= SiteFile.SITES_MAX || sites.has(back)) {
                return;
            }
            CallSites.Site site = CallSites.recognise(text, back, index, number);
            if (site == null || !mapSites()) {
                return;
            }
            patching = true;
            try {
                if (areOthersOutside(by)) {
                    byte[] comparison =
                            site.loadsNumber() ? null : CallSites.comparison(text, back);
                    platform.siteFile().put(sites.chunk, index, site.number(), back, comparison);
                    sites.add(site, text);
                    byte[] patch = CallSites.patch(site);
                    text.write(site.start(), patch, patch.length);
                }
            } finally {
                patching = false;
            }
        }
    }

    private boolean areOthersOutside(SystrapContext by) {
        synchronized (contexts) {
            for (SystrapContext context : contexts) {
                if (context != by && context.isInGuest()) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Makes sure that the process has a chunk of the site file and has it mapped. */
    private boolean mapSites() {
        if (sites.chunk >= 0) {
            return true;
        }
        synchronized (lock) {
            long chunk = process.siteChunk();
            if (chunk < 0) {
                return false;
            }
            int n = putSites(process.list, 0, chunk);
            if (process.execute(0, n, false) != 0) {
                return false;
            }
            sites.chunk = chunk;
            return true;
        }
    }

    private int putSites(long list, int entries, long chunk) {
        ControlFile control = platform.control();
        long[] words = new long[ControlFile.ENTRY_WORDS];
        control.put(
                words,
                list,
                entries,
                Sys.MMAP,
                SiteFile.TABLE,
                SiteFile.TABLE_SIZE,
                Mman.PROT_READ,
                SHARED_FIXED,
                StubCode.SITE_FD,
                chunk);
        control.put(
                words,
                list,
                entries + 1,
                Sys.MMAP,
                StubCode.SITES,
                SiteFile.CODE_SIZE,
                READ_EXEC,
                SHARED_FIXED,
                StubCode.SITE_FD,
                chunk + SiteFile.TABLE_SIZE);
        return entries + 2;
    }

    /** Appends what gives a forked process its own chunk, or none. */
    private int putChildSites(long list, long chunk) {
        if (sites.chunk < 0 && !process.hasSiteChunk()) {
            return 0;
        }
        if (chunk >= 0) {
            return putSites(list, 0, chunk);
        }
        long[] words = new long[ControlFile.ENTRY_WORDS];
        platform.control()
                .put(words, list, 0, Sys.MUNMAP, StubCode.SITES, SiteFile.CODE_SIZE, 0, 0, 0, 0);
        return 1;
    }

    /**
     * Makes a guest thread that waits, after all queued changes.
     *
     * @param slot what {@link SystrapPlatform#newSlot} made
     */
    StubThread makeThread(long slot) throws ErrnoException {
        synchronized (lock) {
            last = Last.THREAD;
            argument = slot;
            long tid = executeAll(this, true);
            if (Host.isError(tid)) {
                unmap(slot);
            }
            check(tid);
            StubThread thread = new StubThread((int) tid, slot);
            process.addThread(thread);
            return thread;
        }
    }

    /**
     * Makes a copy of the process with a guest thread in it, after all queued changes.
     *
     * @param slot for the thread
     * @param empty whether the copy is to have no guest mappings
     */
    StubProcess makeProcess(long slot, boolean empty) throws ErrnoException {
        ControlFile control = platform.control();
        synchronized (lock) {
            long list = control.allocate();
            long chunk = -1;
            long pid;
            try {
                boolean withSites = !empty && sites.count() > 0;
                if (withSites) {
                    chunk = platform.siteFile().allocate();
                    if (chunk < 0) {
                        throw Errno.EAGAIN.exception();
                    }
                    platform.siteFile().copy(sites.chunk, chunk, SiteFile.SITES_MAX);
                }
                int n = putThread(list, putChildSites(list, chunk), slot);
                long page = control.address(list);
                StubProcess.prepare(page, 0, n, true);
                RawMemory.putInt(page + StubCode.SEQUENCE, 1);
                last = Last.PROCESS;
                argument = list;
                childEntry = empty ? platform.code().childFresh : platform.code().childProcess;
                pid = check(executeAll(this, true));
            } catch (ErrnoException | RuntimeException e) {
                control.free(list);
                if (chunk >= 0) {
                    platform.siteFile().free(chunk);
                }
                throw e;
            }
            process.files.addProcess();
            StubProcess child = new StubProcess(platform, (int) pid, process.files, list);
            child.setSiteChunk(chunk);
            platform.register(child);
            return child;
        }
    }

    /** Returns the address space of a copy of the process, with everything that is queued. */
    SystrapAddressSpace fork(long slot) throws ErrnoException {
        synchronized (lock) {
            StubProcess child = makeProcess(slot, false);
            try {
                throwFailure();
            } catch (ErrnoException e) {
                platform.discard(child);
                throw e;
            }
            SystrapAddressSpace copy = new SystrapAddressSpace(platform, child, copyMapped());
            long chunk = child.ownSiteChunk();
            if (chunk >= 0) {
                copy.sites.copyFrom(sites, chunk);
            }
            return copy;
        }
    }

    /** Returns an empty address space in a new process with the same descriptors. */
    SystrapAddressSpace forkEmpty(long slot) throws ErrnoException {
        return new SystrapAddressSpace(platform, makeProcess(slot, true), new RangeSet());
    }

    /** Waits for the guest thread that a forked process makes by itself. */
    StubThread awaitFirstThread(long slot) throws ErrnoException {
        synchronized (lock) {
            process.awaitDone(1);
            StubThread thread = new StubThread((int) check(process.result()), slot);
            process.addThread(thread);
            return thread;
        }
    }

    /** As Linux tells a failed clone(2): EAGAIN or ENOMEM. */
    static long check(long result) throws ErrnoException {
        if (Host.isError(result)) {
            throw result == -Errno.ENOMEM.number
                    ? Errno.ENOMEM.exception()
                    : Errno.EAGAIN.exception();
        }
        return result;
    }

    /** Unmaps the slot of a thread that has ended. */
    void unmapSlot(StubThread thread) {
        synchronized (lock) {
            unmap(thread.slot());
        }
        process.removeThread(thread);
    }

    private void unmap(long slot) {
        put(0, -1, Sys.MUNMAP, ContextFile.stubAddress(slot), Block.SLOT_SIZE, 0, 0, 0, 0);
        if (process.execute(0, 1, false) != 0) {
            process.kill();
            throw new ContextLostException("slot cannot be unmapped");
        }
    }

    /** Removes all guest mappings, and ends this object although the process goes on. */
    void abandonInPlace() {
        synchronized (lock) {
            put(0, -1, Sys.MUNMAP, 0, StubCode.LIMIT, 0, 0, 0, 0);
            if (process.execute(0, 1, false) != 0) {
                process.kill();
                throw new ContextLostException("address space cannot be emptied");
            }
            dead = true;
            forgetAll();
        }
    }

    @Override
    public void hostUsage(HostUsage result, boolean withFiles) {
        StubUsage.read(process.tgid, result, withFiles);
    }

    @Override
    public long touchedBytes(long address, long length) {
        return StubUsage.touchedBytes(process.tgid, address, length);
    }
}
