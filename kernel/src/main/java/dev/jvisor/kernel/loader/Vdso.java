// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

import static dev.jvisor.platform.abi.Mman.PROT_EXEC;
import static dev.jvisor.platform.abi.Mman.PROT_READ;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_MONOTONIC;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_MONOTONIC_COARSE;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_MONOTONIC_RAW;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_REALTIME;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_REALTIME_COARSE;
import static dev.jvisor.platform.abi.TimeConstants.CLOCK_TAI;

import dev.jvisor.kernel.time.Clocks;
import dev.jvisor.kernel.time.CounterParameters;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.memory.MemoryFile;

import org.jspecify.annotations.Nullable;

/**
 * The vDSO: its image and its data page, once in a kernel, shown to every program. All of them read
 * what {@link Clocks} tells.
 */
public final class Vdso implements Clocks.Listener {

    private static final int PAGE_SIZE = MemoryFile.PAGE_SIZE;
    private static final int[] MONOTONIC_CLOCKS = {
        CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE,
    };
    private static final int[] REALTIME_CLOCKS = {CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_TAI};

    private final MemoryFile memory;
    private final long data;
    private final long image;

    private Vdso(MemoryFile memory) throws ErrnoException {
        this.memory = memory;
        this.data = memory.allocate(2L * PAGE_SIZE);
        this.image = data + PAGE_SIZE;
        byte[] bytes = VdsoImage.build();
        memory.put(image, bytes, 0, bytes.length);
        long clocks = 0;
        for (int clock : MONOTONIC_CLOCKS) {
            clocks |= 1L << clock;
        }
        for (int clock : REALTIME_CLOCKS) {
            clocks |= 1L << clock;
        }
        memory.putLong(data + VdsoCode.CLOCKS, clocks);
    }

    /** Makes the pages and keeps them up to date. ENOMEM. */
    public static Vdso create(MemoryFile memory, Clocks clocks) throws ErrnoException {
        Vdso vdso = new Vdso(memory);
        clocks.setListener(vdso);
        return vdso;
    }

    @Override
    public synchronized void changed(@Nullable CounterParameters p) {
        int sequence = memory.getIntVolatile(data + VdsoCode.SEQUENCE);
        // Compare-and-exchange for its ordering: there is one writer.
        memory.compareAndExchangeInt(data + VdsoCode.SEQUENCE, sequence, sequence + 1);
        if (p == null) {
            memory.putLong(data + VdsoCode.COUNTER_LIMIT, 0);
        } else {
            memory.putLong(data + VdsoCode.COUNTER_BASE, p.counterBase());
            memory.putLong(data + VdsoCode.COUNTER_LIMIT, p.counterLimit());
            memory.putLong(data + VdsoCode.MULTIPLIER, p.multiplier());
            for (int clock : MONOTONIC_CLOCKS) {
                putBase(clock, p.monotonicBase());
            }
            for (int clock : REALTIME_CLOCKS) {
                putBase(clock, p.monotonicBase() + p.realtimeOffset());
            }
        }
        memory.compareAndExchangeInt(data + VdsoCode.SEQUENCE, sequence + 1, sequence + 2);
    }

    private void putBase(int clock, long nanos) {
        memory.putLong(data + VdsoCode.BASES + clock * 8L, nanos);
    }

    /** Maps both into a new program's memory; returns the image's address (AT_SYSINFO_EHDR). */
    public long mapInto(MemoryManager target) throws ErrnoException {
        long address = target.findFree(2L * PAGE_SIZE, PAGE_SIZE);
        target.mapSpecial(address, PAGE_SIZE, PROT_READ, data, "[vvar]");
        target.mapSpecial(address + PAGE_SIZE, PAGE_SIZE, PROT_READ | PROT_EXEC, image, "[vdso]");
        return address + PAGE_SIZE;
    }
}
