// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;

/** The model of a terminal that the interactive tests compare. */
final class ScreenTests {

    private final Screen screen = new Screen(3, 8);

    private String after(String text) {
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            screen.show(new byte[] {b}, 1); // sequences come in pieces
        }
        return screen.toString();
    }

    @Test
    void linesWrapAndScroll() {
        assertThat(after("one\r\n12345678")).isEqualTo("one\n12345678\n\ncursor 1 7");
        assertThat(after("9\r\nlast\n")).isEqualTo("9\nlast\n\ncursor 2 4");
    }

    @Test
    void cursorAndErasing() {
        assertThat(after("abcdef\u001b[3D\u001b[K\u001b[2;3Hx\u001b[1;1H\u001b[@"))
                .isEqualTo(" abc\n  x\n\ncursor 0 0");
        assertThat(after("\u001b[2P\u001b[J")).isEqualTo("\n\n\ncursor 0 0");
    }

    @Test
    void regionsScrollAlone() {
        assertThat(after("a\r\nb\r\nc\u001b[2;3r\u001b[3;1H\n")).isEqualTo("a\nc\n\ncursor 2 0");
        assertThat(after("\u001b[2;1H\u001bM")).isEqualTo("a\n\nc\ncursor 1 0");
    }

    @Test
    void otherScreenGoesAgain() {
        String before = after("text");
        assertThat(after("\u001b[?1049h\u001b[H\u001b[7mvi\u001b[m"))
                .isEqualTo("{4}vi{0}\n\n\ncursor 0 2");
        assertThat(after("\u001b[?1049l")).isEqualTo(before);
    }

    @Test
    void charactersOfManyBytesAndTitles() {
        assertThat(after("\u001b]0;title\u0007\u00e9\t\u20ac\b!"))
                .isEqualTo("\u00e9     !\u20ac\n\n\ncursor 0 7");
    }
}
