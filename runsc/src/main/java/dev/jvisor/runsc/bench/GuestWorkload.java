// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.bench;

/**
 * A guest program that repeats an operation and prints the nanoseconds it took as one little-endian
 * long.
 *
 * @param name row of the table
 * @param operations how often the program does it
 * @param program a static ELF image
 */
record GuestWorkload(String name, int operations, byte[] program) {}
