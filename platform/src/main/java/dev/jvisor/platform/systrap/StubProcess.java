// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

import dev.jvisor.platform.ContextLostException;
import dev.jvisor.platform.SentryBug;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.host.Handover;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.HostProcess;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.host.RawMemory;
import dev.jvisor.platform.stub.ControlFile;
import dev.jvisor.platform.stub.StubFiles;

import java.util.ArrayList;
import java.util.List;

/**
 * A host process that holds a guest address space: its agent, and the guest threads in it.
 *
 * <p>The agent is spoken to with the address space's lock held.
 */
final class StubProcess {

    private static final int WALL = 0x40000000;
    private static final int WNOHANG = 1;
    /** Threads without a context that are kept for the next clone. */
    private static final int PARKED_MAX = 8;

    private final SystrapPlatform platform;

    /** 0 until a forked process has been announced by its parent's agent. */
    final int tgid;

    final StubFiles files;

    /** Offset of its command list in the control file. */
    final long list;

    private final long page;
    private int sequence;

    /** Held while the agent works: the page must not become another's meanwhile. */
    private final Object commands = new Object();

    // Guarded by this.
    private int contexts = 1;
    private boolean ended;
    private final List<StubThread> threads = new ArrayList<>();
    private final List<StubThread> parked = new ArrayList<>();

    private volatile boolean dead;

    StubProcess(SystrapPlatform platform, int tgid, StubFiles files, long list) {
        this.platform = platform;
        this.tgid = tgid;
        this.files = files;
        this.list = list;
        this.page = platform.control().address(list);
    }

    // Commands.

    /** Writes the header of a command; {@link #issue} lets the agent see it. */
    static void prepare(long page, int first, int count, boolean wantResult) {
        long address = StubCode.LIST + (long) first * ControlFile.ENTRY_SIZE;
        RawMemory.putLong(page + StubCode.FIRST, address);
        RawMemory.putInt(page + StubCode.COUNT, count);
        RawMemory.putInt(page + StubCode.WANT_RESULT, wantResult ? 1 : 0);
        RawMemory.putByte(page + StubCode.LEFT, (byte) 0);
    }

    /**
     * Has the agent execute entries of the list until one fails.
     *
     * @return how many are left undone
     * @throws ContextLostException if the process is gone
     */
    int execute(int first, int count, boolean wantResult) {
        synchronized (commands) {
            if (isCollected()) {
                throw new ContextLostException("stub process is gone");
            }
            prepare(page, first, count, wantResult);
            int next = sequence + 1;
            RawMemory.putIntRelease(page + StubCode.SEQUENCE, next);
            Handover.wake(page + StubCode.SEQUENCE);
            return awaitDone(next);
        }
    }

    /** Whether the process is gone and its page may be another's. */
    private synchronized boolean isCollected() {
        return ended;
    }

    /** Waits for the end of a command, also one that was written before the process began. */
    int awaitDone(int command) {
        long word = page + StubCode.DONE;
        long timeout = platform.timeoutAddress();
        while (Handover.await(word, command - 1, 0, timeout) != command) {
            if (dead || hasEnded()) {
                throw new ContextLostException("stub process is gone");
            }
        }
        sequence = command;
        int left = RawMemory.getByte(page + StubCode.LEFT);
        if (left < 0 || left > ControlFile.ENTRIES_MAX) {
            throw new SentryBug("stub agent left=" + left);
        }
        return left;
    }

    /** Returns the result of the last call of a command that failed or whose result was wanted. */
    long result() {
        return RawMemory.getInt(page + StubCode.RESULT);
    }

    private boolean hasEnded() {
        NativeBuffer buffer = NativeBuffer.scratch();
        synchronized (this) {
            if (ended) {
                return true;
            }
            // __WNOTHREAD is not set: any thread of ours may ask. A status that is fetched here is
            // not there for reap().
            long result = HostProcess.wait4(tgid, buffer.address(), WALL | WNOHANG);
            if (result == 0) {
                return false;
            }
            exitStatus = buffer.getInt(0);
            collected = true;
            return true;
        }
    }

    private boolean collected;
    private int exitStatus;

    /** Returns the exit code of a process that was found to have ended. */
    synchronized int exitCode() {
        return exitStatus >> 8 & 0xff;
    }

    // Patched call sites.

    /** Offset in the site file, -1: none. */
    private long siteChunk = -1; // guarded by this

    /**
     * Returns the process's chunk of the site file, taking one if it has none; -1 if there is none.
     */
    synchronized long siteChunk() {
        if (siteChunk < 0) {
            siteChunk = platform.siteFile().allocate();
        }
        return siteChunk;
    }

    /** Returns the chunk, or -1. */
    synchronized long ownSiteChunk() {
        return siteChunk;
    }

    synchronized boolean hasSiteChunk() {
        return siteChunk >= 0;
    }

    synchronized void setSiteChunk(long chunk) {
        siteChunk = chunk;
    }

    // Threads.

    synchronized void addContext() {
        contexts++;
    }

    synchronized boolean hasOneContext() {
        return contexts == 1;
    }

    /** Counts a context out; true if it was the last one. */
    synchronized boolean removeContext() {
        return --contexts == 0;
    }

    synchronized void addThread(StubThread thread) {
        threads.add(thread);
    }

    /** Keeps a stopped thread that has no context any more; false if there are enough. */
    synchronized boolean park(StubThread thread) {
        if (parked.size() >= PARKED_MAX) {
            return false;
        }
        parked.add(thread);
        return true;
    }

    /** Returns a thread for a new context, or null. */
    synchronized @org.jspecify.annotations.Nullable StubThread unpark() {
        return parked.isEmpty() ? null : parked.removeLast();
    }

    /** Forgets a thread that has ended and whose slot is not mapped any more. */
    void removeThread(StubThread thread) {
        boolean ours;
        synchronized (this) {
            ours = threads.remove(thread);
        }
        if (ours) {
            platform.contexts().free(thread.slot());
        }
    }

    // End.

    /** Ends the process with all its threads. */
    void kill() {
        synchronized (this) {
            dead = true;
            if (!collected) {
                HostProcess.kill(tgid, Signals.SIGKILL);
            }
        }
    }

    boolean isDead() {
        return dead || hasEnded();
    }

    /** Collects the process after {@link #kill} and gives back what it used. Idempotent. */
    void reap() {
        synchronized (commands) {
            collect();
        }
    }

    private void collect() {
        List<StubThread> left;
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
            left = new ArrayList<>(threads);
            threads.clear();
            parked.clear();
        }
        if (!collected) {
            NativeBuffer buffer = NativeBuffer.scratch();
            long result;
            do {
                result = HostProcess.wait4(tgid, buffer.address(), WALL);
            } while (!Host.isError(result) && (buffer.getInt(0) & 0xff) == 0x7f);
        }
        for (StubThread thread : left) {
            platform.contexts().free(thread.slot());
        }
        long chunk = ownSiteChunk();
        if (chunk >= 0) {
            platform.siteFile().free(chunk);
        }
        platform.control().free(list);
        files.removeProcess();
    }
}
