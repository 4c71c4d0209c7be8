// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm.testing;

import dev.jvisor.mm.MemoryManager;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.platform.Trap;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.abi.Signals;
import dev.jvisor.platform.memory.MemoryFile;

/** A guest process without a processor: its loads and stores go by what the fake host shows. */
public final class FakeProcess {

    /** Lowest and highest (exclusive) address. */
    public static final long MIN_ADDRESS = 0x10000;

    public static final long MAX_ADDRESS = 0x7fff_f000_0000L;

    /** Faults of one access that are answered with a retry before the test fails. */
    private static final int RETRIES_MAX = 8;

    public final MemoryManager mm;
    public final FakeAddressSpace host;
    public final FakeGuestContext context;

    /** Whether faults tell what kind of access they were. */
    public boolean knowsAccess;

    /** Faults so far. */
    public int faults;

    public final Trap trap = new Trap();

    private FakeProcess(MemoryManager mm, FakeAddressSpace host) {
        this.mm = mm;
        this.host = host;
        this.context = new FakeGuestContext(host);
    }

    /** Creates one with nothing mapped. */
    public static FakeProcess create(PageAllocator pages) {
        FakeAddressSpace host = new FakeAddressSpace();
        return new FakeProcess(MemoryManager.create(host, pages, MIN_ADDRESS, MAX_ADDRESS), host);
    }

    /** fork(2). */
    public FakeProcess fork() throws ErrnoException {
        MemoryManager.Fork fork = mm.fork(context);
        FakeProcess child =
                new FakeProcess(fork.child(), (FakeAddressSpace) fork.seed().addressSpace());
        child.knowsAccess = knowsAccess;
        return child;
    }

    /** Loads a byte; returns it as 0..255, or the negated signal number. */
    public int load(long address) {
        return access(address, false, 0);
    }

    /** Stores a byte; returns 0, or the negated signal number. */
    public int store(long address, int value) {
        return access(address, true, value);
    }

    private int access(long address, boolean write, int value) {
        for (int i = 0; i < RETRIES_MAX; i++) {
            host.commit();
            FakeAddressSpace.Shown shown = host.at(address);
            boolean allowed = shown != null
                    && (write
                            ? (shown.protection() & Mman.PROT_WRITE) != 0
                            : shown.protection() != 0);
            trap.signal = Signals.SIGSEGV;
            if (shown != null && allowed) {
                int result = accessShown(shown, address, write, value);
                if (result >= 0) {
                    return result;
                }
                trap.signal = Signals.SIGBUS;
            }
            trap.kind = Trap.Kind.FAULT;
            trap.address = address;
            trap.code = trap.signal == Signals.SIGBUS
                    ? Signals.BUS_ADRERR
                    : shown == null ? Signals.SEGV_MAPERR : Signals.SEGV_ACCERR;
            trap.errorCode = knowsAccess ? (write ? 2 : 0) | 4 | (shown == null ? 0 : 1) : -1;
            faults++;
            if (mm.handleFault(trap, 0) != MemoryManager.FaultResult.RETRY) {
                return -trap.signal;
            }
        }
        throw new AssertionError("fault without end at " + Long.toHexString(address));
    }

    /** Returns the byte or 0; -1 if the page is behind the end of the host file. */
    private int accessShown(FakeAddressSpace.Shown shown, long address, boolean write, int value) {
        int within = (int) address & MemoryFile.PAGE_SIZE - 1;
        if (shown.isMemory()) {
            MemoryFile memory = mm.pages().memory();
            if (write) {
                memory.putByte(shown.fileOffset() + within, (byte) value);
                return 0;
            }
            return memory.getByte(shown.fileOffset() + within) & 0xff;
        }
        byte[] bytes = FakeFile.byFd(shown.hostFd()).bytes();
        int index = (int) shown.fileOffset() + within;
        if (shown.fileOffset() >= bytes.length) {
            return -1;
        }
        if (index >= bytes.length) {
            return 0;
        }
        if (write) {
            bytes[index] = (byte) value;
            return 0;
        }
        return bytes[index] & 0xff;
    }
}
