// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import java.util.Arrays;

/** Broken programs give error numbers and nothing else, and what is accepted can be mapped. */
class ElfImageProperties {

    private static final long MIN_ADDRESS = 0x10000;
    private static final long MAX_ADDRESS = 0x7ffffffff000L;

    @Property(tries = 3000)
    void mutationsNeverThrowAnythingElse(
            @ForAll @Size(min = 1, max = 12) byte[] values,
            @ForAll @Size(min = 12, max = 12) int[] places,
            @ForAll @IntRange(min = 0, max = ElfSamples.SIZE) int length,
            @ForAll boolean cut) {
        byte[] file = ElfSamples.pie();
        for (int i = 0; i < values.length; i++) {
            // Mostly in the headers, where it hurts.
            file[Math.floorMod(places[i], 0x180)] = values[i];
        }
        assertHarmless(cut ? Arrays.copyOf(file, length) : file);
    }

    @Property(tries = 3000)
    void extremeWordsNeverThrowAnythingElse(
            @ForAll @IntRange(min = 0, max = 0x2f) int word,
            @ForAll long value,
            @ForAll int small) {
        byte[] file = ElfSamples.pie();
        LittleEndian.putLong(file, word * 8, (small & 1) == 0 ? value : small);
        assertHarmless(file);
    }

    private static void assertHarmless(byte[] file) {
        ElfImage image;
        try {
            image = ElfImage.parse(ElfSamples.reader(file), Errno.ENOEXEC);
            image.checkBounds(MIN_ADDRESS, MAX_ADDRESS);
        } catch (ErrnoException e) {
            assertThat(e.errno)
                    .isIn(Errno.ENOEXEC, Errno.EINVAL, Errno.ENOMEM, Errno.EPERM, Errno.EIO);
            return;
        }
        assertThat(image.start).isLessThanOrEqualTo(image.end);
        assertThat(image.end - image.start).isLessThanOrEqualTo(MAX_ADDRESS - MIN_ADDRESS);
        for (ElfImage.Segment s : image.segments) {
            assertThat(s.address()).isBetween(image.start, image.end);
            assertThat(s.end()).isBetween(s.address(), image.end);
            assertThat(s.fileSize()).isBetween(0L, s.memorySize());
            if (!image.isRelocatable) {
                assertThat(s.address()).isGreaterThanOrEqualTo(MIN_ADDRESS);
                assertThat(s.end()).isLessThanOrEqualTo(MAX_ADDRESS);
            }
        }
    }
}
