// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.testing;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.tmpfs.Tmpfs;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Filesystem;
import dev.jvisor.fs.vfs.FsContext;
import dev.jvisor.fs.vfs.MountNamespace;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.platform.AddressSpace;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.memory.MemoryFile;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A caller without a kernel: its clock ticks by itself, its signals are collected. */
public final class TestContext implements CallContext {

    private static final PageAllocator PAGES = new PageAllocator(newMemory());
    private static final long START_NANOS = 1_700_000_000L * 1_000_000_000L;

    /** Signals raised so far. */
    public final List<Integer> signals = new ArrayList<>();

    /** Limits of resources; none where nothing is set. */
    public final Map<Integer, Long> limits = new HashMap<>();

    private final FsContext fs;
    private final Semaphore wakeUps = new Semaphore(0);
    private volatile Credentials credentials = Credentials.ROOT;
    private long now = START_NANOS;
    private @Nullable Object terminal;
    private @Nullable MemoryManager memory;

    /** Makes root in the root directory of a namespace. */
    public TestContext(MountNamespace namespace) {
        fs = new FsContext(namespace, namespace.root(), namespace.root(), 022);
    }

    private TestContext(FsContext fs) {
        this.fs = fs;
    }

    private static MemoryFile newMemory() {
        try {
            return MemoryFile.create();
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        }
    }

    /** The pages of all tests. */
    public static PageAllocator pages() {
        return PAGES;
    }

    /** A caller whose root is a new tmpfs. */
    public static TestContext onTmpfs() {
        return new TestContext(MountNamespace.create(newTmpfs(), "none", 0));
    }

    /** A caller whose root is a file system. */
    public static TestContext on(Filesystem filesystem) {
        return new TestContext(MountNamespace.create(filesystem, "none", 0));
    }

    public static Tmpfs newTmpfs() {
        TestContext nobody = new TestContext((FsContext) null);
        return Tmpfs.create(PAGES, nobody);
    }

    /** Another caller in the same places. */
    public TestContext fork() {
        TestContext child = new TestContext(fs.copy());
        child.credentials = credentials;
        child.now = now;
        return child;
    }

    public TestContext as(int uid, int gid, int... groups) {
        TestContext other = fork();
        other.credentials = Credentials.of(uid, gid, groups, 0);
        return other;
    }

    public void setCredentials(Credentials credentials) {
        this.credentials = credentials;
    }

    @Override
    public Credentials credentials() {
        return credentials;
    }

    @Override
    public FsContext fs() {
        return fs;
    }

    @Override
    public synchronized MemoryManager memory() {
        MemoryManager mm = memory;
        if (mm == null) {
            memory = mm = MemoryManager.create(new NoAddressSpace(), PAGES, 0x10000, 1L << 46);
        }
        return mm;
    }

    /** Nobody runs here: only the Sentry looks at this memory. */
    private static final class NoAddressSpace implements AddressSpace {
        @Override
        public void map(long address, long length, long fileOffset, int protection) {}

        @Override
        public void mapHostFile(
                long address,
                long length,
                int hostFd,
                long fileOffset,
                int protection,
                boolean shared) {}

        @Override
        public void unmap(long address, long length) {}

        @Override
        public void protect(long address, long length, int protection) {}

        @Override
        public void commit() {}

        @Override
        public boolean hasPending() {
            return false;
        }
    }

    /** A microsecond later each time it is asked. */
    @Override
    public synchronized long realtimeNanos() {
        now += 1000;
        return now;
    }

    @Override
    public long monotonicNanos() {
        return System.nanoTime();
    }

    /** Lets time pass. */
    public synchronized void advance(long nanos) {
        now += nanos;
    }

    @Override
    public long limit(int resource) {
        return limits.getOrDefault(resource, -1L);
    }

    @Override
    public void raise(int signal) {
        signals.add(signal);
    }

    @Override
    public int processId() {
        return 1;
    }

    @Override
    public Object fileTableOwner() {
        return this;
    }

    @Override
    public boolean sleep(long deadlineNanos) throws ErrnoException {
        try {
            if (!wakeUps.tryAcquire(5, TimeUnit.SECONDS)) {
                throw Errno.ERESTARTSYS.exception();
            }
        } catch (InterruptedException e) {
            throw Errno.ERESTARTSYS.exception();
        }
        return true;
    }

    @Override
    public WaitQueue.Entry newWaitEntry(int mask) {
        WaitQueue.Entry entry = new WaitQueue.Entry() {
            @Override
            protected void wake(int events) {
                wakeUps.release();
            }
        };
        entry.mask = mask;
        return entry;
    }

    @Override
    public Session session() {
        return new TestSession();
    }

    private final class TestSession implements Session {
        @Override
        public Object session() {
            return "session 1";
        }

        @Override
        public Object processGroup() {
            return "group 1";
        }

        @Override
        public boolean isLeader() {
            return true;
        }

        @Override
        public @Nullable Object controllingTerminal() {
            return terminal;
        }

        @Override
        public void setControllingTerminal(@Nullable Object newTerminal) {
            terminal = newTerminal;
        }

        @Override
        public void dropControllingTerminal(Object lost) {
            terminal = terminal == lost ? null : terminal;
        }

        @Override
        public void hangUpLeader(@Nullable Object foreground) {
            signals.add(Signals.SIGHUP);
        }

        @Override
        public void signalProcessGroup(Object processGroup, int signal) {
            signals.add(signal);
        }

        @Override
        public @Nullable Object findProcessGroup(int id) {
            return id == 1 ? processGroup() : null;
        }

        @Override
        public boolean isOfSession(Object processGroup) {
            return true;
        }

        @Override
        public int processGroupId(Object processGroup) {
            return 1;
        }

        @Override
        public int sessionId(Object session) {
            return 1;
        }

        @Override
        public boolean isOrphaned() {
            return false;
        }

        @Override
        public boolean isIgnoredOrBlocked(int signal) {
            return false;
        }
    }
}
