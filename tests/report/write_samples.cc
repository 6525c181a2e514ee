// Writes sample reports into a folder: write_samples FOLDER. The tests of the page look at them.
#include <fstream>
#include <iostream>
#include <string>

#include "harness/report/html.h"
#include "tests/report/samples.h"

namespace {

void Write(const std::string& folder, const std::string& name, const hocket::testing::HtmlInput& input) {
  std::ofstream(folder + "/" + name + ".html", std::ios::binary) << HtmlReport(input);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: write_samples FOLDER\n";
    return 2;
  }
  const std::string folder = argv[1];
  for (const hocket::testing::Sample& sample : hocket::testing::FailingSamples())
    Write(folder, sample.name, sample.input);
  Write(folder, "long", hocket::testing::LongInput(20, 10'000));
  Write(folder, "very_long", hocket::testing::LongInput(20, 100'000));
}
