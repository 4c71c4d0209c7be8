// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.harness;

/**
 * What a program did, as far as a caller sees it.
 *
 * @param status exit status; 128 + number if a signal ended it
 */
public record ProgramResult(int status, String output, String errors) {

    @Override
    public String toString() {
        return "status " + status + "\n--- output\n" + output + "--- errors\n" + errors;
    }
}
