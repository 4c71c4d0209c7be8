// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.ip;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

final class ChecksumProperties {

    /** The definition of RFC 1071: the ones' complement sum of 16-bit words. */
    private static int reference(byte[] data) {
        int sum = 0;
        for (int i = 0; i < data.length; i += 2) {
            int second = i + 1 < data.length ? data[i + 1] & 0xff : 0;
            sum += (data[i] & 0xff) << 8 | second;
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return ~sum & 0xffff;
    }

    @Property
    void isThatOfTheDefinition(@ForAll byte[] data) {
        assertThat(Checksum.of(data, 0, data.length)).isEqualTo(reference(data));
    }

    @Property
    void stretchesOfEvenLengthAddUp(@ForAll byte[] data, @ForAll @IntRange(max = 100) int half) {
        int cut = Math.min(2 * half, data.length & ~1);
        long sum = Checksum.add(0, data, 0, cut);
        sum = Checksum.add(sum, data, cut, data.length - cut);
        assertThat(Checksum.finish(sum)).isEqualTo(reference(data));
    }

    @Property
    void findsADamagedByte(
            @ForAll @Size(min = 8, max = 64) byte[] data,
            @ForAll @IntRange(min = 2, max = 63) int index,
            @ForAll byte wrong) {
        Assume.that(index < data.length && data[index] != wrong);
        data[0] = 0;
        data[1] = 0;
        Bytes.putInt16(data, 0, Checksum.of(data, 0, data.length));
        assertThat(Checksum.of(data, 0, data.length)).isZero();
        data[index] = wrong;
        assertThat(Checksum.of(data, 0, data.length)).isNotZero();
    }
}
