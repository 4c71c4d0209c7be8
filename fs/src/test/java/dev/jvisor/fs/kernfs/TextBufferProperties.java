// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.kernfs;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;

/** Numbers and names come out as printf and mangle_path write them. */
class TextBufferProperties {

    @Property
    void hexadecimalIsThatOfPrintf(
            @ForAll long value, @ForAll @IntRange(min = 1, max = 18) int width) {
        assertThat(new TextBuffer().addHex(value, width).toString())
                .isEqualTo(String.format("%0" + width + "x", value));
    }

    @Property
    void octalIsThatOfPrintf(@ForAll int value, @ForAll @IntRange(min = 1, max = 18) int width) {
        long unsigned = value & 0xffffffffL;
        assertThat(new TextBuffer().addOctal(unsigned, width).toString())
                .isEqualTo(String.format("%0" + width + "o", unsigned));
    }

    @Property
    void decimalIsThatOfPrintf(@ForAll long value, @ForAll @IntRange(min = 1, max = 25) int width) {
        assertThat(new TextBuffer().add(value, width).toString())
                .isEqualTo(String.format("%" + width + "d", value));
        assertThat(new TextBuffer().addUnsigned(value).toString())
                .isEqualTo(Long.toUnsignedString(value));
    }

    @Property
    void escapedTextHasNoneOfTheCharactersAndCanBeRead(
            @ForAll @CharRange(from = 0, to = 255) String text) {
        String escaped = new TextBuffer().addEscaped(text, " \t\n\\").toString();
        assertThat(escaped).doesNotContain(" ", "\t", "\n");
        StringBuilder read = new StringBuilder();
        for (int i = 0; i < escaped.length(); i++) {
            char c = escaped.charAt(i);
            if (c == '\\') {
                c = (char) Integer.parseInt(escaped.substring(i + 1, i + 4), 8);
                i += 3;
            }
            read.append(c);
        }
        assertThat(read.toString()).isEqualTo(text);
    }

    @Example
    void columnsArePaddedFromTheStartOfTheirLine() {
        TextBuffer out = new TextBuffer().add("first\n");
        int line = out.length();
        out.add("ab").padTo(line, 5).add('|').padTo(line, 2).add('\n');
        assertThat(out.toString()).isEqualTo("first\nab   |\n");
    }
}
