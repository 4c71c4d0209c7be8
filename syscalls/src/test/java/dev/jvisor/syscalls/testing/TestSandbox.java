// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.testing;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.tmpfs.Tmpfs;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.FsContext;
import dev.jvisor.fs.vfs.MountNamespace;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.fdtable.FdTable;
import dev.jvisor.kernel.task.ProcessSpec;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.asm.StaticElf;
import dev.jvisor.platform.memory.MemoryFile;
import dev.jvisor.syscalls.discovery.SyscallTables;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** A kernel on a scripted platform, with a tmpfs root that holds the program {@code /init}. */
public final class TestSandbox implements AutoCloseable {

    private static final byte[] HALT = {(byte) 0xf4};

    private final MemoryFile memory;
    private final ScriptedPlatform platform;
    private final Kernel kernel;
    private final MountNamespace mounts;

    /** Credentials of the first process. */
    public Credentials credentials = Credentials.ROOT;

    public TestSandbox() {
        try {
            memory = MemoryFile.create();
            platform = new ScriptedPlatform(memory);
            PageAllocator pages = new PageAllocator(memory);
            kernel = new Kernel(platform, pages, SyscallTables.shipped());
            Root root = new Root();
            mounts = MountNamespace.create(Tmpfs.create(pages, root), "tmpfs", 0);
            kernel.setMounts(mounts);
            root.fs = new FsContext(mounts, mounts.root(), mounts.root(), 0);
            int flags = Fcntl.O_CREAT | Fcntl.O_WRONLY;
            FileDescription init = Vfs.open(root, null, "/init", flags, 0755, 0);
            byte[] image = StaticElf.image(HALT);
            init.write(root, IovIter.of(image, 0, image.length));
            init.release();
        } catch (ErrnoException e) {
            throw new IllegalStateException(e);
        }
    }

    public Kernel kernel() {
        return kernel;
    }

    /**
     * Runs a guest as the first process; returns its wait status. Fails if a guest threw something.
     */
    public int run(Guest guest) {
        try {
            ProcessSpec spec = new ProcessSpec();
            spec.arguments = new byte[][] {"/init".getBytes(StandardCharsets.ISO_8859_1)};
            spec.fs = new FsContext(mounts, mounts.root(), mounts.root(), 022);
            spec.files = FdTable.create();
            spec.credentials = credentials;
            platform.nextProgram(guest);
            kernel.startProcess(spec);
            int status = kernel.awaitExit();
            List<Throwable> failures = platform.failures();
            if (!failures.isEmpty()) {
                throw new AssertionError("a guest failed", failures.get(0));
            }
            return status;
        } catch (ErrnoException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private MemoryManager memory(Cpu cpu) {
        return kernel.tasks().task(cpu.gettid()).memory();
    }

    /** Reads an int of a guest's memory. */
    public int getInt(Cpu cpu, long address) {
        try {
            return memory(cpu).getInt(address);
        } catch (ErrnoException e) {
            throw new IllegalStateException(e);
        }
    }

    public long getLong(Cpu cpu, long address) {
        try {
            return memory(cpu).getLong(address);
        } catch (ErrnoException e) {
            throw new IllegalStateException(e);
        }
    }

    public void putLong(Cpu cpu, long address, long value) {
        try {
            memory(cpu).putLong(address, value);
        } catch (ErrnoException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Stores a string with its NUL on a fresh page of the guest. */
    public long string(Cpu cpu, String text) {
        long address = cpu.page();
        byte[] bytes = (text + "\0").getBytes(StandardCharsets.ISO_8859_1);
        try {
            memory(cpu).copyOut(address, bytes, 0, bytes.length);
        } catch (ErrnoException e) {
            throw new IllegalStateException(e);
        }
        return address;
    }

    @Override
    public void close() {
        try {
            kernel.shutdown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        memory.close();
    }

    /** Root's hand while the file system is filled. */
    private static final class Root implements CallContext {
        private @Nullable FsContext fs;

        @Override
        public Credentials credentials() {
            return Credentials.ROOT;
        }

        @Override
        public FsContext fs() {
            if (fs == null) {
                throw new IllegalStateException("no root yet");
            }
            return fs;
        }

        @Override
        public MemoryManager memory() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long monotonicNanos() {
            return System.nanoTime();
        }

        @Override
        public long realtimeNanos() {
            return 0;
        }

        @Override
        public long limit(int resource) {
            return -1;
        }

        @Override
        public void raise(int signal) {}

        @Override
        public int processId() {
            return 0;
        }

        @Override
        public Object fileTableOwner() {
            return this;
        }

        @Override
        public Session session() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean sleep(long deadlineNanos) {
            throw new UnsupportedOperationException();
        }

        @Override
        public WaitQueue.Entry newWaitEntry(int mask) {
            throw new UnsupportedOperationException();
        }
    }
}
