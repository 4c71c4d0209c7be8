// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.mm.MemoryManager.FaultResult;
import dev.jvisor.platform.Trap;
import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.abi.Signals;

/**
 * Decides about a fault of guest code: retry, or which signal (Linux: arch/x86/mm/fault.c,
 * do_user_addr_fault).
 *
 * <p>A platform may not know what kind of access faulted. Then the state of the page tells: what
 * the stub has mapped as the mapping allows cannot be helped; what it has read-only for
 * copy-on-write was written.
 *
 * <p>A fault may find nothing to do because another thread of the guest has just done it, so it is
 * retried; but the same fault again, with nothing changed since, is the guest's error. Guarded by
 * {@link Space#lock}.
 */
final class FaultHandler {

    private static final int SLOTS = 64;

    /**
     * A fault that still finds nothing to do is not retried more often than this, whatever else
     * changes.
     */
    private static final int RETRIES_MAX = 4;

    private static final int READ_WRITE = Mman.PROT_READ | Mman.PROT_WRITE;
    private static final int INSTRUCTION_SIZE_MAX = 15;
    private static final long WRITE = 1 << 1;
    private static final long FETCH = 1 << 4;

    private final Space s;

    /**
     * For each thread (by its id, colliding ones replace each other): its last fault without a
     * remedy.
     */
    private long[] threads = new long[0];

    private long[] addresses = threads;
    private long[] changes = threads;
    private int[] retries = new int[0];

    FaultHandler(Space s) {
        this.s = s;
    }

    FaultResult handle(Trap trap) {
        boolean pageFault = trap.signal == Signals.SIGBUS && trap.code == Signals.BUS_ADRERR
                || trap.signal == Signals.SIGSEGV
                        && (trap.code == Signals.SEGV_MAPERR || trap.code == Signals.SEGV_ACCERR);
        if (!pageFault) {
            return FaultResult.SIGNAL; // general protection: nothing that memory could help
        }
        long stamp = s.lock.writeLock();
        s.backing.settle(s.host);
        try {
            return decide(trap);
        } finally {
            s.endChange(stamp);
        }
    }

    private FaultResult decide(Trap trap) {
        long address = trap.address;
        boolean known = trap.errorCode >= 0;
        Vma vma = s.vmas.at(address);
        if (known && vma != null && (trap.errorCode & FETCH) != 0) {
            if ((vma.protection & Mman.PROT_EXEC) == 0) {
                return signal(trap, Signals.SIGSEGV, Signals.SEGV_ACCERR);
            }
        }
        boolean write =
                known ? (trap.errorCode & WRITE) != 0 : vma != null && looksLikeWrite(vma, trap);
        Faults.Outcome outcome = Faults.resolve(s, address, write);
        return switch (outcome) {
            case CHANGED -> {
                s.changes++;
                yield FaultResult.RETRY;
            }
            case NOT_MAPPED -> signal(trap, Signals.SIGSEGV, Signals.SEGV_MAPERR);
            case NOT_ALLOWED -> signal(trap, Signals.SIGSEGV, Signals.SEGV_ACCERR);
            case NO_MEMORY -> FaultResult.NO_MEMORY;
            case BEHIND_END -> signal(trap, Signals.SIGBUS, Signals.BUS_ADRERR);
            case UNCHANGED, HOST_FILE -> {
                if (trap.signal == Signals.SIGBUS) {
                    yield FaultResult.SIGNAL; // the host says that there is no page
                }
                // What reads and writes are allowed on has nothing to refuse but execution.
                boolean allowed = outcome == Faults.Outcome.UNCHANGED
                        && vma != null
                        && (vma.protection & READ_WRITE) == READ_WRITE
                        && !isFetch(trap);
                if (allowed || mayRetry(address)) {
                    yield FaultResult.RETRY;
                }
                yield signal(trap, Signals.SIGSEGV, Signals.SEGV_ACCERR);
            }
        };
    }

    /** Whether the instruction itself may be what could not be read. */
    private static boolean isFetch(Trap trap) {
        long offset = trap.address - trap.instructionAddress;
        return offset >= 0 && offset < INSTRUCTION_SIZE_MAX;
    }

    /** Whether a fault of unknown kind can only have been a write, or is best served as one. */
    private boolean looksLikeWrite(Vma vma, Trap trap) {
        if (!vma.allows(true) || trap.signal == Signals.SIGBUS) {
            return false;
        }
        Piece piece = s.backing.at(trap.address);
        return piece != null ? piece.cow : vma.isHostBacked() && !vma.isShared();
    }

    private static FaultResult signal(Trap trap, int signal, int code) {
        trap.signal = signal;
        trap.code = code;
        return FaultResult.SIGNAL;
    }

    /** Whether a fault that found nothing to do may have been overtaken by another thread's. */
    private boolean mayRetry(long address) {
        if (threads.length == 0) {
            threads = new long[SLOTS];
            addresses = new long[SLOTS];
            changes = new long[SLOTS];
            retries = new int[SLOTS];
        }
        long thread = Thread.currentThread().threadId();
        int slot = (int) (thread % SLOTS);
        boolean again = threads[slot] == thread && addresses[slot] == address;
        if (again && (changes[slot] == s.changes || retries[slot] >= RETRIES_MAX)) {
            retries[slot] = 0;
            return false;
        }
        retries[slot] = again ? retries[slot] + 1 : 1;
        threads[slot] = thread;
        addresses[slot] = address;
        changes[slot] = s.changes;
        return true;
    }
}
