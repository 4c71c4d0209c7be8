// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.SeccompAbi;
import dev.jvisor.platform.seccomp.BpfProgram;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

import org.jspecify.annotations.Nullable;

import java.util.SplittableRandom;

/** Random filters: what is accepted ends, and what is remembered of it is what it says. */
final class FilterProperties {

    /** Codes of instructions that filters may have, those that look at data more often. */
    private static final int[] CODES = {
        0x20, 0x20, 0x20, 0x80, 0x81, 0x00, 0x01, 0x60, 0x61, 0x02, 0x03, 0x04, 0x0c, 0x14, 0x1c,
        0x24, 0x2c, 0x34, 0x3c, 0x44, 0x4c, 0x54, 0x5c, 0x64, 0x6c, 0x74, 0x7c, 0x84, 0xa4, 0xac,
        0x05, 0x15, 0x15, 0x15, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d, 0x06, 0x06, 0x16, 0x07,
        0x87, 0x28, 0x94
    };

    private static final int[] OPERANDS = {
        0,
        4,
        16,
        20,
        60,
        1,
        2,
        3,
        31,
        32,
        110,
        64,
        -1,
        SeccompAbi.SECCOMP_RET_ALLOW,
        0x50001,
        0x7fff0001
    };

    private static byte[] randomProgram(SplittableRandom random) {
        int length = 1 + random.nextInt(12);
        byte[] raw = new byte[length * BpfFilter.INSTRUCTION_SIZE];
        for (int i = 0; i < length; i++) {
            int at = i * BpfFilter.INSTRUCTION_SIZE;
            boolean last = i == length - 1 && random.nextInt(8) != 0;
            LittleEndian.putInt(raw, at, last ? 0x06 : CODES[random.nextInt(CODES.length)]);
            raw[at + 2] = (byte) random.nextInt(Math.max(1, length - i - 1));
            raw[at + 3] = (byte) random.nextInt(Math.max(1, length - i - 1));
            LittleEndian.putInt(raw, at + 4, OPERANDS[random.nextInt(OPERANDS.length)]);
        }
        return raw;
    }

    private static @Nullable BpfFilter accept(byte[] raw) {
        try {
            return new BpfFilter(raw);
        } catch (ErrnoException e) {
            assertThat(e.errno).isEqualTo(Errno.EINVAL);
            return null;
        }
    }

    private static int[] randomCall(SplittableRandom random, int number) {
        int[] data = new int[BpfFilter.DATA_WORDS];
        for (int i = 2; i < data.length; i++) {
            data[i] = random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(70);
        }
        data[0] = number;
        data[1] = BpfProgram.AUDIT_ARCH_X86_64;
        return data;
    }

    @Property
    void whatIsRememberedOfAChainIsWhatItSaysOfEveryCall(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        FilterChain chain = null;
        for (int i = 0; i < 60; i++) {
            BpfFilter program = accept(randomProgram(random));
            if (program != null && (chain == null || chain.count() < 3)) {
                chain = new FilterChain(program, chain, false, false);
            }
        }
        if (chain == null) {
            return;
        }
        for (int i = 0; i < 40; i++) {
            int number = random.nextInt(6) == 0 ? random.nextInt() : random.nextInt(70);
            boolean allowed = chain.allows(number);
            int result = chain.ask(randomCall(random, number)).result();
            int action = result & SeccompAbi.SECCOMP_RET_ACTION_FULL;
            if (allowed) {
                assertThat(action).isEqualTo(SeccompAbi.SECCOMP_RET_ALLOW);
            }
        }
    }

    @Property
    void theMostSevereActionCounts(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        FilterChain chain = null;
        int lowest = Integer.MAX_VALUE;
        int[] call = randomCall(random, random.nextInt(70));
        for (int i = 0; i < 60; i++) {
            BpfFilter program = accept(randomProgram(random));
            if (program != null) {
                chain = new FilterChain(program, chain, false, false);
                lowest = Math.min(lowest, program.run(call) & SeccompAbi.SECCOMP_RET_ACTION_FULL);
            }
        }
        if (chain != null) {
            int action = chain.ask(call).result() & SeccompAbi.SECCOMP_RET_ACTION_FULL;
            assertThat(action).isEqualTo(Math.min(lowest, SeccompAbi.SECCOMP_RET_ALLOW));
        }
    }

    @Property
    void anAcceptedProgramIsGivenBackAsItWas(@ForAll long seed) {
        byte[] raw = randomProgram(new SplittableRandom(seed));
        BpfFilter program = accept(raw);
        if (program != null) {
            assertThat(program.toBytes()).isEqualTo(raw);
        }
    }
}
